import { expect, it } from 'vitest'
import { addressKind, AddressGuard, type Reach } from './reach.ts'

it.each([
  ['127.0.0.1', 'loopback'], ['127.255.255.254', 'loopback'], ['0.0.0.0', 'loopback'], ['::1', 'loopback'], ['[::1]', 'loopback'], ['::', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'], ['::ffff:7f00:1', 'loopback'], ['64:ff9b::7f00:1', 'loopback'], ['64:ff9b::127.0.0.1', 'loopback'],
  ['169.254.1.1', 'link-local'], ['::ffff:169.254.1.1', 'link-local'], ['fe80::1', 'link-local'], ['fe80::1%eth0', 'link-local'], ['febf::1', 'link-local'],
  ['169.254.169.254', 'metadata'], ['::ffff:a9fe:a9fe', 'metadata'], ['64:ff9b::a9fe:a9fe', 'metadata'], ['fd00:ec2::254', 'metadata'], ['100.100.100.200', 'metadata'],
  ['10.0.0.1', 'other'], ['192.168.1.1', 'other'], ['128.0.0.1', 'other'], ['169.255.0.1', 'other'], ['fec0::1', 'other'], ['2606:4700::1', 'other'],
])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind))

const answers: Record<string, readonly string[]> = {}
const guard = () => new AddressGuard((hostname, _options, callback) => callback(null, (answers[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))))
const lookedUp = (by: AddressGuard, hostname: string, reach: Reach, loopback = false): Promise<string> =>
  new Promise((resolve) => {
    by.lookup(reach, loopback)(hostname, { all: true }, (error, found) => resolve(error?.message ?? (Array.isArray(found) ? found.map(({ address }) => address).join(' ') : '')))
  })

it('a name that a registry leads to resolves to no forbidden address', async () => {
  answers['mixed.example'] = ['127.0.0.1', '192.0.2.1', 'fe80::1', '169.254.169.254']
  answers['here.example'] = ['::1']
  expect(await lookedUp(guard(), 'mixed.example', 'led')).toBe('192.0.2.1')
  expect(await lookedUp(guard(), 'here.example', 'led')).toBe('its address ::1 is one of this machine itself, and a registry must not lead there')
  expect(await lookedUp(guard(), 'here.example', 'led', true)).toBe('::1')
})

it('a named registry may be on this machine, unless its name has resolved elsewhere', async () => {
  const one = guard()
  answers['registry.example'] = ['127.0.0.1']
  expect(await lookedUp(one, 'registry.example', 'named')).toBe('127.0.0.1')
  expect(one.isHere('registry.example')).toBe(true)
  answers['registry.example'] = ['192.0.2.1']
  expect(await lookedUp(one, 'registry.example', 'named')).toBe('192.0.2.1')
  expect(one.isHere('registry.example')).toBe(false)
  answers['registry.example'] = ['127.0.0.1']
  expect(await lookedUp(one, 'registry.example', 'named')).toContain('one of this machine itself')
})

it.each([
  ['169.254.169.254', 'named', '169.254.169.254', 'that of a metadata service'],
  ['169.254.7.7', 'named', '169.254.7.7', undefined],
  ['127.0.0.1', 'named', '127.0.0.1', undefined],
  ['127.0.0.1', 'led', '127.0.0.2', undefined],
  ['[::1]', 'led', '127.0.0.1', undefined],
  ['127.0.0.1', 'led', '10.0.0.1', 'one of this machine itself'],
  ['127.0.0.1', 'led', 'registry.example', 'one of this machine itself'],
  ['169.254.7.7', 'led', '127.0.0.1', 'a link-local one'],
  ['[fe80::1]', 'led', '127.0.0.1', 'a link-local one'],
  ['[::ffff:169.254.169.254]', 'led', '127.0.0.1', 'that of a metadata service'],
  ['10.0.0.2', 'led', '10.0.0.1', undefined],
  ['elsewhere.example', 'led', '10.0.0.1', undefined],
] as const)('the address %s, %s by %s: %s', (address, reach, registry, expected) => {
  const check = () => guard().check(address, reach, registry)
  if (expected === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(expected)
})
