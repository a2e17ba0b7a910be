import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namedFiles, quotedMessages, unknownFlags, wrongCommandLines } from './claims.ts'
import { allDocuments, root, userDocuments } from './documents.ts'
import { commandsOf } from './fences.ts'

describe('what documents claim', () => {
  test.each(userDocuments)('$file: each airside command line has a known command and known flags', ({ text }) => {
    expect(wrongCommandLines(text)).toEqual([])
    expect(unknownFlags(text)).toEqual([])
  })

  test.each(allDocuments)('$file: each file and link that it names exists', ({ file, text }) => {
    const bases = [root, join(root, 'src'), join(root, 'supervisor'), join(root, dirname(file))]
    expect(namedFiles(text).filter((path) => !bases.some((base) => existsSync(join(base, path))))).toEqual([])
  })

  test.each(allDocuments)('$file: each anchor that it links to is a heading', ({ file, text }) => {
    const broken = [...text.matchAll(/\]\(([^)#\s]*)#([^)]+)\)/g)].filter(([, target = '', anchor]) => {
      const headings = readFileSync(target === '' ? join(root, file) : join(root, dirname(file), target), 'utf8').matchAll(/^#+ (.+)$/gm)
      return ![...headings].some(([, heading = '']) => heading.toLowerCase().replaceAll(/[^\w\s-]/g, '').replaceAll(/\s/g, '-') === anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('each error message of docs/troubleshooting.md stands in the sources', () => {
    const sources = globSync('src/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n')
    const [page] = userDocuments.filter(({ file }) => file === 'docs/troubleshooting.md')
    const messages = quotedMessages(page?.text ?? '')
    expect(messages.length).toBeGreaterThan(40)
    expect(messages.filter(({ pieces }) => pieces.length === 0 || pieces.some((piece) => !sources.includes(piece)))).toEqual([])
  })

  test('a block that is not run gives a reason', () => {
    const left = userDocuments.flatMap(({ file, text }) => commandsOf(text).flatMap(({ line, notRun }) => (notRun === undefined ? [] : [`${file}:${line}: ${notRun}`])))
    // The list is part of the documents' contract: whoever adds to it sees it here.
    expect(left.map((entry) => entry.replace(/:\d+:/, ':'))).toMatchInlineSnapshot(`
      [
        "README.md: it runs until it is stopped; test/e2e/start.test.ts starts it",
        "README.md: it is what runs them",
        "docs/login.md: it runs until it is stopped",
        "docs/operate-on-kubernetes.md: they name a namespace and a registry of their own",
        "docs/operate-on-kubernetes.md: it runs until it is stopped, and needs Concourse's fly",
        "docs/operate-on-kubernetes.md: it needs a PostgreSQL of yours",
        "docs/run-locally.md: there is no interrupted build; test/e2e/docker.test.ts kills one and resumes it",
        "docs/run-locally.md: it needs a step that failed and a terminal; test/e2e holds tests of both",
        "docs/run-locally.md: it runs until it is stopped; test/e2e holds tests of it",
        "docs/server.md: it runs until it is stopped, and needs Concourse's fly",
        "docs/use-a-server.md: it needs a server",
      ]
    `)
  })
})

describe('the reading of claims', () => {
  test('unknown commands and flags of airside are found, those of other programs are not', () => {
    expect(wrongCommandLines('./bin/airside runn x.yml\n../../bin/airside run x.yml --jobb unit # --nothing\nkubectl --foo')).toEqual(['airside has no command runn', 'airside run has no flag --jobb'])
    expect(wrongCommandLines('REF=$(airside supervisor push "$R" --kept)\nairside intercept 7 --step unit -- ls --all')).toEqual(['airside supervisor has no flag --kept'])
    expect(unknownFlags('`--keep`, `--keeep` and `kubectl get --all`\n```sh\nx --y\n```')).toEqual(['--keeep'])
  })

  test('files are found in links and in text, not in blocks or addresses', () => {
    expect(namedFiles('[a](docs/b.md#c), engine/d.ts; https://e.f/g.md\n```sh\nsrc/h.ts\n```\nsrc/i/')).toEqual(['docs/b.md', 'engine/d.ts', 'src/i/'])
  })

  test('a quoted message is split where it says that something differs', () => {
    expect(quotedMessages('| `port … on … is taken; choose another` | x |')).toEqual([
      { message: 'port … on … is taken; choose another', pieces: ['port', 'is taken; choose another'] },
    ])
  })
})
