import { expect, test } from 'vitest'
import { Seats, streamLimits } from './seats.ts'

const take = (seats: Seats, kind: 'principal' | 'address', of: string, times: number) => Array.from({ length: times }, () => seats.take({ kind, of })).filter((seat) => seat !== undefined)

test('a person, an address and a server have so many event streams, and a closed one makes room', () => {
  const seats = new Seats()
  expect(take(seats, 'principal', 'a', streamLimits.principal + 1)).toHaveLength(streamLimits.principal)
  const [one] = take(seats, 'address', 'a', streamLimits.address + 1)
  expect(seats.take({ kind: 'address', of: 'a' })).toBeUndefined()
  one?.()
  one?.()
  expect(take(seats, 'address', 'a', 2)).toHaveLength(1)
  const rest = streamLimits.server - streamLimits.principal - streamLimits.address
  const all = Array.from({ length: rest / 200 }, (_, index) => take(seats, 'principal', `p${index}`, 200).length)
  expect(all.reduce((sum, count) => sum + count, 0)).toBe(rest)
  expect(seats.take({ kind: 'principal', of: 'late' })).toBeUndefined()
})
