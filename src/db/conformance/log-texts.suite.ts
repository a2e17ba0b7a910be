import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesOf, type LogPiece } from '../../api/log/pieces.ts'
import type { LogPlace } from '../../api/web-ports.ts'
import type { EventWrite } from '../../model/build.ts'
import { Builds } from '../builds.ts'
import { LogTexts } from '../log-texts.ts'
import { cipher, startedBuild } from './build-fixtures.ts'
import type { Target } from './target.ts'

interface Said {
  readonly step: string
  readonly error: boolean
  readonly text: string
}

interface Case {
  readonly events: readonly Said[]
  readonly step: string | undefined
  readonly from: number
  readonly count: number
  readonly tail: number
}

const eventOf = ({ step, error, text }: Said): EventWrite =>
  error
    ? { type: 'error', version: '4.1', payload: JSON.stringify({ message: text, origin: { id: step }, time: 7 }) }
    : { type: 'log', version: '5.1', payload: JSON.stringify({ time: 7, origin: { id: step, source: 'stderr' }, payload: text }) }

/** Texts that look like the ends of lines, of steps and of events once they are JSON. */
const text = fc.string({ minLength: 1, unit: fc.constantFrom('a', '\n', '\\', 'n', '"', '\0', '\ud83d\ude00', '"origin":{"id":"1"', '"}', '\r'), maxLength: 12 })
const said = fc.record({ step: fc.constantFrom('1', '2/a.b', '3'), error: fc.boolean(), text })

/** What the whole log is, worked out in the plainest way. */
function wholeOf(events: readonly Said[]): string {
  let log = ''
  for (const { error, text: added } of events) {
    if (error && log !== '' && !log.endsWith('\n')) log += '\n'
    log += error ? `${added}\n` : added
  }
  return log
}

export function logTextsSuite(target: Target): void {
  describe('logs of steps', () => {
    it('are numbered by lines, and read from any line to any other', async () => {
      const db = await target.fresh()
      const [builds, texts] = [new Builds(db, cipher), new LogTexts(db)]
      let time = 0
      const check = async ({ events, step, from, count, tail }: Case): Promise<void> => {
        const build = await startedBuild(db)
        time += 10
        await builds.claim('a', time, 1_000_000_000)
        await builds.commit(build, 'a', time + 1, { events: [...events.map(eventOf), { type: 'start', version: '1.0', payload: JSON.stringify({ origin: { id: step ?? '1' }, time: 1 }) }] })
        await builds.commit(build, 'a', time + 2, { finish: { status: 'succeeded' } })
        const log = wholeOf(events.filter((one) => step === undefined || one.step === step))
        const lines = log.split(/(?<=\n)/)
        const all = log === '' ? 0 : lines.length
        const read = async (place: LogPlace, first: number, until: number): Promise<readonly LogPiece[]> => {
          const start = await texts.start(build, step, place)
          expect(start.lines).toBe(all)
          const pieces: LogPiece[] = []
          for await (const page of piecesOf(texts, { build, step, from: first, until }, start)) pieces.push(...page)
          return pieces
        }
        const pieces = await read({ from }, from, from + count)
        expect(pieces.map((piece) => piece.text).join('')).toBe(lines.slice(from - 1, from - 1 + count).join(''))
        const firstOfTail = Math.max(1, all - tail + 1)
        expect((await read({ tail }, firstOfTail, firstOfTail + tail)).map((piece) => piece.text).join('')).toBe(tail === 0 ? '' : lines.slice(-tail).join(''))
        let at = from
        for (const piece of pieces) {
          expect(piece.line).toBe(at)
          at += piece.text.split('\n').length - 1
        }
      }
      await fc.assert(
        fc.asyncProperty(
          fc.record({ events: fc.array(said, { maxLength: 12 }), step: fc.constantFrom('1', '2/a.b', undefined), from: fc.integer({ min: 1, max: 12 }), count: fc.integer({ min: 0, max: 12 }), tail: fc.integer({ min: 0, max: 12 }) }),
          check,
        ),
        { numRuns: 60 },
      )
    })

    it('are read no further than the lines that are asked for', async () => {
      const db = await target.fresh()
      const [builds, texts, build] = [new Builds(db, cipher), new LogTexts(db), await startedBuild(db)]
      await builds.claim('a', 0, 1_000_000_000)
      await builds.commit(build, 'a', 1, { events: ['1\n2', '\n', '3\n4\n', '5', '\n6'].map((said) => eventOf({ step: '1', error: false, text: said })) })
      const read = async (lines: number): Promise<readonly string[]> => (await texts.read(build, '1', -1, lines)).map((one) => one.text)
      expect(await Promise.all([1, 2, 3, 4, 5, 9].map(read))).toEqual([['1\n2'], ['1\n2', '\n'], ['1\n2', '\n', '3\n4\n'], ['1\n2', '\n', '3\n4\n'], ['1\n2', '\n', '3\n4\n', '5', '\n6'], ['1\n2', '\n', '3\n4\n', '5', '\n6']])
    })

    it('are read on where a step was silent while others wrote for long', async () => {
      const db = await target.fresh()
      const [builds, texts, build] = [new Builds(db, cipher), new LogTexts(db), await startedBuild(db)]
      await builds.claim('a', 0, 1_000_000_000)
      const one = (step: string, said: string): EventWrite => eventOf({ step, error: false, text: said })
      await builds.commit(build, 'a', 1, { events: [one('1', 'first\n'), ...Array.from({ length: 2_100 }, () => one('2', 'x\n')), one('1', 'last')] })
      const said: string[] = []
      for await (const page of piecesOf(texts, { build, step: '1', from: 1, until: 10 }, await texts.start(build, '1', { from: 1 }))) said.push(...page.map((piece) => piece.text))
      expect(said).toEqual(['first\n', 'last'])
    })
  })
}
