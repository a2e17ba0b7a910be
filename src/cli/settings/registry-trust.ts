import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseRegistryTrust, type RegistryTrust } from '../../images/reference/registry-trust.ts'
import { messageOf } from '../../lib/errors.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** Reads `HOST=insecure` or `HOST=ca:FILE`, the file's certificates too. */
export function readRegistryTrust(text: string): Result<RegistryTrust, string> {
  const parsed = parseRegistryTrust(text)
  if (!parsed.ok) return parsed
  const { host, how } = parsed.value
  if (how === 'insecure') return ok({ host, insecure: true, caCerts: [] })
  const caCerts = certificatesOf(how.caFile)
  return caCerts.ok ? ok({ host, insecure: false, caCerts: caCerts.value }) : caCerts
}

function certificatesOf(file: string): Result<string[], string> {
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (error) {
    return fail(messageOf(error))
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) return fail(`${file} holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)`)
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate)
    } catch (error) {
      return fail(`${file} holds a certificate that cannot be read: ${messageOf(error)}`)
    }
  }
  return ok(certificates)
}
