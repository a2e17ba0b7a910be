import { describe, expect, test } from 'vitest'
import { parseEvent, parseHello, parseResult as parseResultOf } from './messages.ts'

const parseResult = (data: Buffer) => parseResultOf(data, () => true)
const digest = `sha256:${'0'.repeat(64)}`
const result = (more: object): Buffer => Buffer.from(JSON.stringify({ outcome: { kind: 'exited', status: 0 }, ...more }))
const problem = (more: object): unknown => {
  const { outcome } = parseResult(result(more))
  return outcome.kind === 'error' ? outcome.message.replace('the supervisor sent a result that cannot be read: ', '') : outcome.kind
}
const hello = (more: object) => parseHello({ type: 'hello', protocol: 1, purpose: 'control', container: 'c', proof: { first: true }, ...more })

describe('a result', () => {
  const outputs = (count: number, output: object): object => ({ outputs: Array<object>(count).fill(output) })

  test('may have 4096 outputs, and one more is an error that names the bound', () => {
    expect(parseResult(result(outputs(4096, { name: 'a', digest, size: 1 }))).outputs).toHaveLength(4096)
    expect(problem(outputs(4097, { name: 'a', digest, size: 1 }))).toBe('outputs: must have at most 4096 elements')
  })

  test('may have a response of 8 MiB, and one byte more is an error', () => {
    const response = (bytes: number): object => ({ response: Buffer.alloc(bytes, 1).toString('base64') })
    expect(parseResult(result(response(8 * 1024 * 1024))).response).toHaveLength(8 * 1024 * 1024)
    expect(problem(response(8 * 1024 * 1024 + 3))).toMatch(/^response: must have at most \d+ characters$/)
  })

  test('may have names of 1024 and texts of 65536 characters, and no longer ones', () => {
    expect(problem(outputs(1, { name: 'n'.repeat(1024), error: 'e'.repeat(65_536) }))).toBe('exited')
    expect(problem(outputs(1, { name: 'n'.repeat(1025), error: '' }))).toMatch(/^outputs\.0/)
    expect(problem(outputs(1, { name: 'n', error: 'e'.repeat(65_537) }))).toMatch(/^outputs\.0/)
  })

  test.each([
    ['bad outputs', '{},'.repeat(5_000_000)],
    ['empty arrays', '[],'.repeat(5_000_000)],
    ['numbers', '1,'.repeat(8_000_000)],
    ['deep arrays', '['.repeat(16_000_000)],
  ])('of 16 MiB of %s is an error without that many objects', (_name, text) => {
    const bytes = Buffer.from(`{"outcome":{"kind":"exited","status":0},"outputs":[${text}1]}`)
    const before = process.memoryUsage().heapUsed
    const { outcome } = parseResult(bytes)
    expect(outcome).toMatchObject({ kind: 'error', message: expect.stringMatching(/more than 100000 items|deeper than 32 levels/) })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024)
  })
})

describe('a hello', () => {
  const assignments = (count: number, id = 'a'): object => ({ assignments: Array<object>(count).fill({ id, state: 'running' }) })

  test('may list 256 assignments with ids of 512 characters, and no more and no longer ones', () => {
    expect(hello(assignments(256, 'i'.repeat(512)))?.assignments).toHaveLength(256)
    expect(hello(assignments(257))).toBeUndefined()
    expect(hello(assignments(1, 'i'.repeat(513)))).toBeUndefined()
  })

  test('may have a token of 32768 characters, and no longer one', () => {
    expect(hello({ proof: { token: 't'.repeat(32_768) } })).toBeDefined()
    expect(hello({ proof: { token: 't'.repeat(32_769) } })).toBeUndefined()
  })
})

test('an event that says more than it may, or something unknown, is none', () => {
  const event = (value: object): unknown => parseEvent(Buffer.from(JSON.stringify(value)))
  expect(event({ event: 'notice', text: 't'.repeat(65_536) })).toBeDefined()
  expect(event({ event: 'notice', text: 't'.repeat(65_537) })).toBeUndefined()
  expect(event({ event: 'fetched', name: 'n'.repeat(1025), size: 1 })).toBeUndefined()
  expect(event({ event: 'later' })).toBeUndefined()
  expect(parseEvent(Buffer.from('{'))).toBeUndefined()
})
