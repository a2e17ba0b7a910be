import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parseRegistryTrust, type RegistryTrust } from '../images/reference/registry-trust.ts'
import { messageOf } from '../lib/errors.ts'
import { CommandError } from './exit.ts'

const collect = (value: string, before: readonly string[]): string[] => [...before, value]

export const addRegistryTrustFlag = (command: Command): Command =>
  command.option(
    '--registry-trust <HOST=HOW>',
    "how this server speaks to a registry: HOST=insecure (unverified TLS or plain HTTP) or HOST=ca:FILE (certificates in PEM form); docker's credentials go over such connections only where this says so (repeatable)",
    collect,
    [],
  )

/** Reads all values of the flag, certificates too. */
export function registryTrusts(texts: readonly string[]): RegistryTrust[] {
  return texts.map((text) => {
    const parsed = parseRegistryTrust(text)
    if (!parsed.ok) throw new CommandError(`--registry-trust "${text}": ${parsed.error}`)
    const { host, how } = parsed.value
    return how === 'insecure' ? { host, insecure: true, caCerts: [] } : { host, insecure: false, caCerts: certificatesOf(text, how.caFile) }
  })
}

function certificatesOf(text: string, file: string): string[] {
  const refused = (why: string): CommandError => new CommandError(`--registry-trust "${text}": ${why}`)
  let pem: string
  try {
    pem = readFileSync(file, 'utf8')
  } catch (error) {
    throw refused(messageOf(error))
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) throw refused(`${file} holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)`)
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate)
    } catch (error) {
      throw refused(`${file} holds a certificate that cannot be read: ${messageOf(error)}`)
    }
  }
  return certificates
}
