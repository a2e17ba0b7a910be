import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { must } from './command.ts'

/** Files of a test's own certificate authority and of a server certificate that it has signed. */
export interface Certificates {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly ca: string
}

/** Makes a CA and a server certificate for the given names and addresses, with openssl, valid for two days. */
export async function makeCertificates(folder: string, hosts: readonly string[] = ['127.0.0.1', 'localhost']): Promise<Certificates> {
  await mkdir(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await must('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=test CA', '-keyout', at('ca.key'), '-out', at('ca.crt')])
  await must('openssl', ['req', ...key, '-subj', `/CN=${hosts[0]}`, '-keyout', at('server.key'), '-out', at('server.csr')])
  const names = hosts.map((host) => `${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`).join(',')
  await writeFile(at('server.ext'), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`)
  await must('openssl', [
    'x509', '-req', '-in', at('server.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial',
    '-days', '2', '-extfile', at('server.ext'), '-out', at('server.crt'),
  ])
  return { caFile: at('ca.crt'), certFile: at('server.crt'), keyFile: at('server.key'), ca: await readFile(at('ca.crt'), 'utf8') }
}
