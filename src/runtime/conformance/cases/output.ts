import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Cases } from '../cases.ts'

/** The output of a process arrives byte for byte. */
export const outputCases: Cases = {
  'keeps stdout and stderr apart': async ({ run }) => {
    const { stdout, stderr } = await run('echo out; echo err >&2')
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' })
  },

  'keeps the order within a stream': async ({ run }) => {
    const { stdout } = await run('for i in 1 2 3 4 5 6 7 8 9; do echo $i; done')
    expect(stdout).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n')
  },

  'merges the streams of a terminal in order': async ({ run }) => {
    const { output } = await run('for i in 1 2 3; do echo $i; echo $i >&2; done', { process: { tty: { columns: 80, rows: 24 } } })
    expect(output.toString()).toBe('1\r\n1\r\n2\r\n2\r\n3\r\n3\r\n')
  },

  'delivers a line of a megabyte': async ({ run }) => {
    const { output } = await run('head -c 1000000 /dev/zero | tr "\\0" x; echo')
    expect(output.length).toBe(1_000_001)
    expect(sha256(output)).toBe(sha256(Buffer.from(`${'x'.repeat(1_000_000)}\n`)))
  },

  'delivers bytes that are not UTF-8': async ({ run }) => {
    const { output } = await run("printf '\\377\\376\\000\\303('")
    expect([...output]).toEqual([0xff, 0xfe, 0, 0xc3, 0x28])
  },

  'delivers a last line without a newline': async ({ run }) => {
    const { stdout } = await run('printf "no newline"')
    expect(stdout).toBe('no newline')
  },

  'delivers 50 000 lines, each once': async ({ run }) => {
    const { output } = await run('seq 1 50000')
    const lines = Array.from({ length: 50_000 }, (_, index) => `${index + 1}\n`).join('')
    expect(sha256(output)).toBe(sha256(Buffer.from(lines)))
  },

  'returns a response and does not log it': async ({ run }) => {
    const { result, stdout, stderr } = await run('cat; echo progress >&2', { stdin: '[{"ref":"a"}]', stdout: 'response' })
    expect(Buffer.from(result.response ?? []).toString()).toBe('[{"ref":"a"}]')
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'progress\n' })
  },

  'stops a process whose response is too large, and names both sizes': async ({ run }) => {
    const { result } = await run('head -c 50000000 /dev/zero', { stdout: 'response', responseLimit: 100_000 })
    expect(result.outcome).toMatchObject({ kind: 'error', reason: 'response-too-large' })
    expect(result.outcome.kind === 'error' && result.outcome.message.replace(/[ ,_]/g, '')).toMatch(/100000/)
  },

  'reports the start of the process before its output': async ({ run }) => {
    const { records } = await run('echo hello')
    expect(records.map((record) => (record.kind === 'event' ? record.event.event : record.kind))).toEqual(['started', 'stdout'])
  },
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
