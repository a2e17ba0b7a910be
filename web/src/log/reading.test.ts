import { expect, test } from 'vitest'
import { Reading, sliceMs } from './reading.ts'

/** An engine each of whose steps takes `stepMs`; it notes what was read. */
function opened(stepMs: number) {
  const read: string[] = []
  const tasks: (() => void)[] = []
  let [now, progressed] = [0, 0]
  const broken: string[] = []
  const reading = new Reading({
    engine: {
      *read(bytes) {
        for (const byte of bytes) {
          if (byte === 255) throw new Error('too large')
          now += stepMs
          read.push(String(byte))
          yield
        }
      },
      cut: () => void read.push('cut'),
    },
    now: () => now,
    later: (call) => void tasks.push(call),
    progress: () => (progressed += 1),
    broken: (message) => void broken.push(message),
  })
  return { reading, read, tasks, broken, progress: () => progressed }
}

test('what comes is read in its order, cuts too, in slices between which others have their turn', () => {
  const { reading, read, tasks, progress } = opened(sliceMs / 2)
  reading.take(Uint8Array.of(1, 2, 3))
  expect(read).toEqual(['1', '2'])
  reading.take('cut')
  reading.take(Uint8Array.of(4))
  expect(tasks).toHaveLength(1)
  tasks.shift()?.()
  expect(read).toEqual(['1', '2', '3', 'cut', '4'])
  while (tasks.length > 0) tasks.shift()?.()
  expect(read).toHaveLength(5)
  const before = progress()
  reading.take(Uint8Array.of(5))
  expect([read.at(-1), tasks.length, progress()]).toEqual(['5', 0, before + 1])
})

test('a stream that cannot be read is told once, and what waited behind it is left out', () => {
  const { reading, read, tasks, broken } = opened(sliceMs)
  reading.take(Uint8Array.of(1, 255))
  reading.take(Uint8Array.of(2))
  while (tasks.length > 0) tasks.shift()?.()
  expect([read, broken]).toEqual([['1'], ['too large']])
})
