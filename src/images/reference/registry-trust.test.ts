import { expect, it } from 'vitest'
import { operatorTrust, parseRegistryTrust } from './registry-trust.ts'

it.each([
  ['a.example=insecure', { host: 'a.example', how: 'insecure' }],
  ['*.B.example:5000=ca:/etc/ca=1.pem', { host: '*.b.example:5000', how: { caFile: '/etc/ca=1.pem' } }],
])('%s is read', (text, value) => expect(parseRegistryTrust(text)).toEqual({ ok: true, value }))

it.each([
  ['a.example', 'write it as HOST=insecure or HOST=ca:FILE'],
  ['a.example=ca', 'write it as HOST=insecure or HOST=ca:FILE'],
  ['a.example=ca:', 'write it as HOST=insecure or HOST=ca:FILE'],
  ['a b=insecure', '"a b" is not a registry\'s host'],
])('%s is refused', (text, error) => expect(parseRegistryTrust(text)).toEqual({ ok: false, error }))

it('joins what is said of a host, and lets a source say what nodes are set up for', () => {
  const trust = operatorTrust(
    [{ host: '*.example', insecure: false, caCerts: ['one'] }, { host: 'a.example', insecure: false, caCerts: ['two'] }, { host: 'plain.example', insecure: true, caCerts: [] }],
    [{ host: 'n.example', trusts: ['insecure'] }, { host: 'm.example', trusts: ['ca'] }],
  )
  expect(trust('a.example')).toEqual({ insecure: false, caCerts: ['one', 'two'], sourceMayBeInsecure: false, sourceMayNameAuthorities: false })
  expect(trust('plain.example')).toEqual({ insecure: true, caCerts: ['one'], sourceMayBeInsecure: true, sourceMayNameAuthorities: true })
  expect(trust('n.example')).toMatchObject({ insecure: false, sourceMayBeInsecure: true, sourceMayNameAuthorities: true })
  expect(trust('m.example')).toMatchObject({ insecure: false, sourceMayBeInsecure: false, sourceMayNameAuthorities: true })
  expect(trust('docker.io')).toEqual({ insecure: false, caCerts: [], sourceMayBeInsecure: false, sourceMayNameAuthorities: false })
})

it('lets a source say what the container engine is set up for, by host or network', () => {
  const trust = operatorTrust([], [], () => ['registry.example:5000', '10.0.0.0/8', 'x/8', '1.2.3.4/99'])
  const allowed = (host: string) => trust(host).sourceMayBeInsecure
  expect(['registry.example:5000', '10.1.2.3', '10.1.2.3:5000'].map(allowed)).toEqual([true, true, true])
  expect(['registry.example', '11.0.0.1:5000', '10.example', '1.2.3.4'].map(allowed)).toEqual([false, false, false, false])
  expect(trust('10.1.2.3').insecure).toBe(false)
})
