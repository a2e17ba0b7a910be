import type { ImageRegistry } from '../../app/options.ts'
import { parseRegistryPrefix } from '../../images/artifact/destination.ts'
import { domainProblem } from '../../images/reference/grammar.ts'
import { parseNodeRegistry } from '../../images/reference/node-registries.ts'
import { parseReference } from '../../images/reference/reference.ts'
import { fail, ok, type Result } from '../../model/result.ts'

export function parseTypePrefix(text: string): Result<string, string> {
  const prefix = text.replace(/\/+$/, '')
  const parsed = parseReference(`${prefix}/x`)
  return parsed.ok ? ok(prefix) : fail(parsed.error.detail)
}

export function parseMirror(text: string): Result<{ readonly registry: string; readonly insecure: boolean }, string> {
  const registry = text.replace(/^https?:\/\//, '').replace(/\/$/, '')
  if (domainProblem(registry) !== undefined) return fail('write it as HOST, HOST:PORT or http://HOST:PORT')
  return ok({ registry: registry.toLowerCase(), insecure: text.startsWith('http://') })
}

export function parseCloudHost(text: string): Result<string, string> {
  const parsed = parseNodeRegistry(text)
  return parsed.ok && !text.includes('=') ? ok(parsed.value.host) : fail("write it as a registry's host, such as *.azurecr.io")
}

export function parsePolicyUrl(text: string): Result<URL, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return fail('write it as http://HOST/v1/data/PACKAGE/RULE')
  if (url.username !== '' || url.password !== '') return fail('a user and a password are not sent; leave them out')
  return ok(url)
}

export function parseVaultUrl(text: string): Result<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '') return fail('write it as https://HOST or https://HOST:PORT')
  return ok(text)
}

export function parseImageRegistry(text: string): Result<ImageRegistry, string> {
  const parsed = parseRegistryPrefix(text)
  return parsed.ok ? ok({ kind: 'remote', ...parsed.value }) : parsed
}

export function parseHome(text: string): Result<{ readonly host: string; readonly port: number }, string> {
  const parts = /^(\[[0-9a-fA-F:]+\]|[^:]+)(?::(\d+))?$/.exec(text)
  if (parts === null) return fail('write it as HOST or HOST:PORT')
  return ok({ host: parts[1] ?? text, port: Number(parts[2] ?? 0) })
}

/** A host as Content-Security-Policy names one: exact, or with `*.` before it, and a port if it is not the scheme's own. */
export function parseImageHost(given: string): Result<string, string> {
  const host = given.toLowerCase()
  return host.length <= 253 && /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\d{1,5})?$/.test(host) ? ok(host) : fail('write it as images.example.com, *.example.com or HOST:PORT')
}

export const parseExternalUrl = (text: string): Result<string, string> => ok(text.replace(/\/+$/, ''))

/** What may stand before the `/` of a label's key. */
export function parseLabelDomain(given: string): Result<string, string> {
  return given.length <= 253 && given.split('.').every((part) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(part)) ? ok(given) : fail('write a domain, as in tag.example.com')
}

export function parseOtlpEndpoint(text: string): Result<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' ? ok(text) : fail('write it as http://HOST:4318, where the collector takes OTLP over HTTP')
}
