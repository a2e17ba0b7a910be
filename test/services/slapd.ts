import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { makeCertificates } from './certificates.ts'
import { startDaemon, stopDaemon, untilUp } from './daemon.ts'
import { ensurePackages, packagesReason, type Need } from './packages.ts'
import { freePort } from './ports.ts'
import { scratchFolder } from './scratch.ts'

export interface Slapd {
  /** Without TLS, or with what STARTTLS gives. */
  readonly host: string
  readonly secureHost: string
  /** PEM of the authority of its certificate. */
  readonly authority: string
  readonly adminDn: string
  readonly adminPassword: string
  add(dn: string, attributes: Readonly<Record<string, string | string[]>>): Promise<void>
  stop(): Promise<void>
}

const needs: readonly Need[] = [{ package: 'slapd', proof: '/usr/sbin/slapd' }]
const suffix = 'dc=example,dc=org'
const [adminDn, adminPassword] = [`cn=admin,${suffix}`, 'of the directory']

/** Why OpenLDAP's server cannot run on this machine, in one line; undefined when it can. */
export const slapdReason = (): Promise<string | undefined> => packagesReason(needs)

/** Starts OpenLDAP's server with an empty directory of example.org; ends with this process. */
export async function startSlapd(log: (line: string) => void = () => undefined): Promise<Slapd> {
  await ensurePackages(needs, log)
  const dir = await scratchFolder('slapd')
  const { caFile, certFile, keyFile, ca } = await makeCertificates(join(dir, 'certificates'))
  await mkdir(join(dir, 'data'))
  const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`)
  await writeFile(
    join(dir, 'slapd.conf'),
    `${schemas.join('\n')}
pidfile ${join(dir, 'slapd.pid')}
TLSCACertificateFile ${caFile}
TLSCertificateFile ${certFile}
TLSCertificateKeyFile ${keyFile}
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "${suffix}"
rootdn "${adminDn}"
rootpw "${adminPassword}"
directory ${join(dir, 'data')}
`,
  )
  const [port, securePort] = [await freePort(), await freePort()]
  const server = await startDaemon({
    name: 'slapd', program: '/usr/sbin/slapd', args: ['-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`, '-f', join(dir, 'slapd.conf'), '-d', '0'],
    logFile: join(dir, 'slapd.log'), tied: true,
  })
  const asAdmin = async (work: (client: Client) => Promise<void>): Promise<void> => {
    const client = new Client({ url: `ldap://127.0.0.1:${port}` })
    try {
      await client.bind(adminDn, adminPassword)
      await work(client)
    } finally {
      await client.unbind()
    }
  }
  await untilUp(server, () => asAdmin(() => Promise.resolve()).then(() => true))
  const add: Slapd['add'] = (dn, attributes) => asAdmin((client) => client.add(dn, { ...attributes }))
  await add(suffix, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' })
  return {
    host: `127.0.0.1:${port}`,
    secureHost: `127.0.0.1:${securePort}`,
    authority: ca,
    adminDn,
    adminPassword,
    add,
    stop: () => stopDaemon(server),
  }
}
