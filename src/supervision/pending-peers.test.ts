import fc from 'fast-check'
import { expect, test } from 'vitest'
import { originOf, PendingPeers, type PendingPeer } from './pending-peers.ts'

function peer(origin: string, name: string, dropped: string[], silent = true): PendingPeer {
  return { origin, silent: () => silent, drop: () => void dropped.push(name) }
}

test('beyond the bound of an origin its oldest silent connection is closed', () => {
  const dropped: string[] = []
  const peers = new PendingPeers({ total: 10, perOrigin: 3 })
  peers.add(peer('other', 'first', dropped))
  peers.add(peer('a', 'talks', dropped, false))
  peers.add(peer('a', 'silent 1', dropped))
  peers.add(peer('a', 'silent 2', dropped))
  expect(dropped).toEqual([])
  for (const name of ['x', 'y', 'z']) peers.add(peer('a', name, dropped, false))
  expect(dropped).toEqual(['silent 1', 'silent 2', 'talks'])
  expect(peers.size).toBe(4)
})

test('beyond the bound of all the origin with most connections loses its oldest', () => {
  const dropped: string[] = []
  const peers = new PendingPeers({ total: 4, perOrigin: 3 })
  for (const name of ['a1', 'b1', 'b2', 'c1']) peers.add(peer(name.charAt(0), name, dropped))
  expect(dropped).toEqual([])
  peers.add(peer('d', 'd1', dropped))
  expect(dropped).toEqual(['b1'])
  peers.add(peer('e', 'e1', dropped))
  expect(dropped).toEqual(['b1', 'a1'])
})

test('the bounds hold, and a counted connection is neither dropped nor removed', () => {
  const step = fc.oneof(fc.record({ add: fc.constantFrom('a', 'b', 'c') }), fc.record({ remove: fc.nat(20) }))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const peers = new PendingPeers({ total: 5, perOrigin: 3 })
      let live: PendingPeer[] = []
      for (const each of steps) {
        if ('add' in each) {
          const added: PendingPeer = { origin: each.add, silent: () => true, drop: () => void (live = live.filter((other) => other !== added)) }
          peers.add(added)
          live.push(added)
        } else {
          const removed = live[each.remove]
          if (removed === undefined) continue
          peers.remove(removed)
          live = live.filter((other) => other !== removed)
        }
        expect(peers.size).toBe(live.length)
        expect(live.length).toBeLessThanOrEqual(5)
        for (const origin of ['a', 'b', 'c']) expect(live.filter((other) => other.origin === origin).length).toBeLessThanOrEqual(3)
      }
    }),
  )
})

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0'],
  ['2001:db8:0:1::5', '2001:db8:0:1'],
  ['2001:DB8:0:1:aaaa:bbbb:cccc:dddd', '2001:db8:0:1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('the origin of %s is %s', (address, origin) => {
  expect(originOf(address)).toBe(origin)
})
