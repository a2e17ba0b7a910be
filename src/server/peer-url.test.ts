import { expect, test } from 'vitest'
import { peerUrlOf } from './peer-url.ts'

const address = (ip: string, internal: boolean) => ({ address: ip, internal, family: 'IPv4' as const, netmask: '', mac: '', cidr: null })
const interfaces = { lo: [address('127.0.0.1', true)], eth0: [address('10.1.2.3', false)] }

test.each([
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['10.9.9.9', 'http://10.9.9.9:80'],
  ['0.0.0.0', 'http://10.1.2.3:80'],
  ['::', 'http://10.1.2.3:80'],
  ['fd00::1', 'http://[fd00::1]:80'],
  ['ci.internal', 'http://ci.internal:80'],
])('a server that listens at %s is reached at %s', (bind, url) => {
  expect(peerUrlOf({ bind, port: 80 }, interfaces)).toBe(url)
})

test('a machine without a network is reached from itself', () => {
  expect(peerUrlOf({ bind: '0.0.0.0', port: 80 }, {})).toBe('http://127.0.0.1:80')
})
