import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { root, rowsIn } from './named-rows.ts'

/** What the web UI does, row by row: in a browser, or without one where nothing of a browser decides. */
const rows = {
  W1: 'routes: parse and format, and Concourse’s URLs',
  W2: 'each URL cold, by link, Back and Forward, and with hide_ui',
  W3: 'a card of the dashboard follows its pipeline, and the page asks for nothing',
  W4: 'a thousand pipelines; favourites',
  W5: 'filters of the dashboard',
  W6: 'the layout of graphs',
  W7: 'the graph by keyboard, its views and groups',
  W8: 'the tree of a build’s steps, and links to lines',
  W9: 'a log of 200 000 lines, found, and downloaded',
  W10: 'control sequences in logs',
  W11: 'wrapped lines, and links to them',
  W12: 'connections cut, a server killed, a machine asleep',
  W13: 'sockets refused; hidden tabs',
  W14: 'eight tabs at once',
  W15: 'why a build is pending',
  W16: 'actions by mouse and by keyboard',
  W17: 'what each role sees',
  W18: 'logins that begin, end and lose their role',
  W19: 'where a step’s image came from',
  W20: 'the timeline of a build’s steps',
  W21: 'the terminal',
  W22: 'outputs',
  W23: 'test reports',
  W24: 'markup in names, texts and values',
  W25: 'accessibility of each page and state',
  W26: 'bytes and requests',
}

/** Rows without a test, and why. */
const missing: Readonly<Record<string, string>> = {}

/** `W8, W9: title` names both; of a table the title may stand behind it. */
const titled = /\b(?:it|test|describe)(?:\.(?:each|skipIf)[^\n]*)?\(['"`]((?:[A-Z]\d+, )*[A-Z]\d+): |^\s*\][^\n]*\)\(['"`]((?:[A-Z]\d+, )*[A-Z]\d+): /gm

test('each row of the web UI has a test that is named by it, or a reason why not', async () => {
  const found = await rowsIn(glob(['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts'], { cwd: root }), titled)
  expect(Object.keys(rows).filter((row) => !found.has(row))).toEqual(Object.keys(missing))
  expect([...found].filter((row) => /^W\d/.test(row) && !(row in rows))).toEqual([])
})
