import { duplexPair, PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { jsonLines } from './json-lines.ts'
import { demultiplex, readMultiplexed } from './multiplexed.ts'
import { pullMessages } from './pull-messages.ts'
import { errorOfAnswer } from './errors.ts'
import { readEvent } from './shapes.ts'

const frame = (kind: number, text: string): Buffer => {
  const data = Buffer.from(text)
  const head = Buffer.alloc(8)
  head.writeUInt8(kind, 0)
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, data])
}

/** The bytes cut at every place. */
const bytewise = (data: Buffer): Readable => Readable.from(Array.from(data, (byte) => Buffer.from([byte])))

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const value of values) found.push(value)
  return found
}

describe('jsonLines', () => {
  it('reads values over any cut, in the middle of a character too', async () => {
    const text = Buffer.from('{"a":"ö"}\n\n{"b":2}\r\nnot json\n{"c":3}')
    expect(await all(jsonLines(bytewise(text)))).toEqual([{ a: 'ö' }, { b: 2 }, { c: 3 }])
  })

  it('refuses a line without end', async () => {
    const endless = Readable.from(Array.from({ length: 6 }, () => Buffer.alloc(1024 * 1024, 'x')))
    await expect(all(jsonLines(endless))).rejects.toThrow('too long')
  })
})

describe('multiplexed', () => {
  it('joins what both streams say', async () => {
    expect(await readMultiplexed(bytewise(Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n')])))).toBe('out\nerr\n')
  })

  it('gives stdout as a stream, and writes stdin as it is', async () => {
    const [ours, theirs] = duplexPair()
    const stream = demultiplex(ours)
    theirs.write(Buffer.concat([frame(2, 'complaint'), frame(1, 'hello '), frame(1, 'there')]))
    stream.write('question')
    expect(String((await theirs[Symbol.asyncIterator]().next()).value)).toBe('question')
    let text = ''
    for await (const part of stream) {
      text += String(part)
      if (text.length >= 'hello there'.length) break
    }
    expect(text).toBe('hello there')
  })
})

describe('pullMessages', () => {
  it('takes a failure in the stream for what it is, and unpacking for no progress', async () => {
    const lines = new PassThrough()
    lines.end(
      [
        '{"status":"Pulling fs layer","id":"a","progressDetail":{}}',
        '{"status":"Downloading","id":"a","progressDetail":{"current":3,"total":9}}',
        '{"status":"Extracting","id":"a","progressDetail":{"current":9,"total":9}}',
        '{"errorDetail":{"message":" manifest unknown\\n"},"error":"x"}',
      ].join('\n'),
    )
    expect(await all(pullMessages(jsonLines(lines)))).toEqual([
      { kind: 'status', text: 'Pulling fs layer' },
      { kind: 'progress', layer: 'a', bytes: 3, total: 9 },
      { kind: 'status', text: 'Extracting' },
      { kind: 'error', message: 'manifest unknown' },
    ])
  })
})

describe('readEvent', () => {
  const of = (Action: string, Attributes: Record<string, string> = {}) => readEvent({ Action, Actor: { ID: 'x', Attributes } })

  it('reads Docker’s and Podman’s words for a removal', () => {
    expect(of('destroy')).toEqual({ action: 'removed', id: 'x', name: '' })
    expect(of('remove', { name: 'n' })).toEqual({ action: 'removed', id: 'x', name: 'n' })
  })

  it('reads an exit status, and leaves the rest out', () => {
    expect(of('die', { exitCode: '137', name: 'n' })).toEqual({ action: 'die', id: 'x', name: 'n', exitCode: 137 })
    expect(of('exec_start: sh')).toBeUndefined()
    expect(readEvent('nonsense')).toBeUndefined()
  })
})

describe('errorOfAnswer', () => {
  it('tells a taken name in both engines’ ways', () => {
    expect(errorOfAnswer(409, '{"message":"Conflict. The container name is already in use"}').kind).toBe('conflict')
    expect(errorOfAnswer(500, '{"cause":"that name is already in use","message":"creating container storage: the container name \\"x\\" is already in use by y","response":500}').kind).toBe('conflict')
  })

  it('keeps the engine’s words', () => {
    expect(errorOfAnswer(404, '{"message":"no such image: x"}')).toEqual({ kind: 'not-found', message: 'no such image: x' })
    const id = 'a'.repeat(64)
    const removedMeanwhile = `container create: creating container storage: parsing named reference "${id}": invalid repository name (${id}), cannot specify 64-byte hexadecimal strings`
    expect(errorOfAnswer(500, JSON.stringify({ message: removedMeanwhile })).kind).toBe('not-found')
    expect(errorOfAnswer(502, 'bad gateway')).toEqual({ kind: 'refused', status: 502, message: 'bad gateway' })
    expect(errorOfAnswer(500, '')).toEqual({ kind: 'refused', status: 500, message: 'the engine answered 500' })
  })
})
