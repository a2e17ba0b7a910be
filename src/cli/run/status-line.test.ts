import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { StatusLine } from './status-line.ts'

const hostile = 'pulling\u001b]52;c;cm0=\u0007\u202e\nand a line more'

test('is one line, as wide as its terminal, without control sequences of names and reasons', async () => {
  const clock = fakeClock()
  const written: string[] = []
  const status = new StatusLine(clock, { isTTY: true, columns: 60 }, (text) => written.push(text))
  status.start()
  status.now('unit', `${hostile} ${'x'.repeat(500)}`)
  await clock.advance(2000)
  status.stop()
  const [first = ''] = written
  // oxlint-disable-next-line no-control-regex
  const words = /^\r\u001b\[K\u001b\[2m(.*)\u001b\[0m$/s.exec(first)?.[1] ?? ''
  expect(words).toMatch(/^unit: pulling\ufffd\]52;c;cm0=\ufffd\ufffd\ufffdand a line .*…, 1 s$/)
  expect(words.length).toBeLessThan(60)
})

test('without a terminal, is a line for each minute of silence', async () => {
  const clock = fakeClock()
  const written: string[] = []
  const status = new StatusLine(clock, {}, (text) => written.push(text))
  status.start()
  status.now('unit', hostile)
  await clock.advance(61_000)
  status.stop()
  expect(written).toEqual(['unit: pulling\ufffd]52;c;cm0=\ufffd\ufffd\ufffdand a line more, 1 min 0 s, no output for 1 min 0 s\n'])
})
