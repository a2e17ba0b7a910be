import { EventEmitter } from 'node:events'
import pino from 'pino'
import { expect, test } from 'vitest'
import { about, logAboutThis, workAbout, workOfItsOwn } from './about.ts'

function logger() {
  const lines: Record<string, unknown>[] = []
  return { lines, log: pino({ base: null, timestamp: false, mixin: about }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }) }
}

test('lines of work have the fields of all work that it is part of, and their own before those', async () => {
  const { lines, log } = logger()
  await workAbout({ team: 'main', build: 7 }, async () => {
    await Promise.resolve()
    workAbout({ pipeline: 'p' }, () => log.info({ team: 'other' }, 'within'))
    log.info({}, 'after')
  })
  log.info({}, 'outside')
  expect(lines).toEqual([
    { level: 30, team: 'other', build: 7, pipeline: 'p', msg: 'within' },
    { level: 30, team: 'main', build: 7, msg: 'after' },
    { level: 30, msg: 'outside' },
  ])
})

test('work at the same time is told apart', async () => {
  const { lines, log } = logger()
  const turn = Promise.withResolvers<void>()
  const works = ['a', 'b'].map((request) => workAbout({ request }, async () => {
    await turn.promise
    log.info({}, 'one')
  }))
  turn.resolve()
  await Promise.all(works)
  expect(lines.map(({ request }) => request)).toEqual(['a', 'b'])
})

test('work that goes on for others is not about the request that began it', () => {
  const { lines, log } = logger()
  workAbout({ request: 'a' }, () => workOfItsOwn(() => log.info({}, 'feed')))
  expect(lines).toEqual([{ level: 30, msg: 'feed' }])
})

test('a log that was asked for within work keeps its fields when an event calls', () => {
  const { lines, log } = logger()
  const socket = new EventEmitter()
  workAbout({ build: 7 }, () => {
    const kept = logAboutThis(log)
    socket.on('data', () => kept.warn({ component: 'supervision' }, 'late'))
  })
  socket.emit('data')
  expect(lines).toEqual([{ level: 40, build: 7, component: 'supervision', msg: 'late' }])
  expect(logAboutThis(log)).toBe(log)
})
