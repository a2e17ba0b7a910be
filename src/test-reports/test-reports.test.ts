import { buffer } from 'node:stream/consumers'
import { pack, type Header } from 'tar-stream'
import { expect, test } from 'vitest'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { TestReports } from '../model/test-report.ts'
import { parseReports } from './parse-reports.ts'
import { isReport, searchBounds, TestReportReader, type SearchBounds } from './test-reports.ts'

interface Entry extends Partial<Header> {
  readonly name: string
  readonly content?: string
}

class Archives {
  opened = 0
  readonly #all = new Map<ArtifactDigest, Buffer>()

  async add(entries: readonly Entry[]): Promise<ArtifactRef> {
    const tar = pack()
    for (const { content, ...header } of entries) tar.entry(header, content ?? '')
    tar.finalize()
    const [bytes, digest] = [await buffer(tar), `sha256:${String(this.#all.size).padStart(64, '0')}` as const]
    this.#all.set(digest, bytes)
    return { digest, size: bytes.length }
  }

  open(digest: ArtifactDigest) {
    this.opened++
    const bytes = this.#all.get(digest)
    return Promise.resolve(bytes && { size: bytes.length, stream: (async function* () { for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700) })() })
  }
}

const suite = (name: string, ...cases: readonly string[]): string => `<testsuite name="${name}">${cases.join('')}</testsuite>`
const passed = (name: string): string => `<testcase name="${name}"/>`
const failed = (name: string, message = ''): string => `<testcase name="${name}"><failure message="${message}"/></testcase>`
const names = ({ suites }: TestReports): string[] => suites.flatMap(({ file, name, cases }) => cases.map((one) => `${file} ${name}.${one.name} ${one.state}`))
const reading = async (reader: TestReportReader, artifact: ArtifactRef, secrets: readonly string[] = []): Promise<TestReports> => {
  const read = await reader.read([{ plan: '1', name: 'out', artifact }], secrets)
  if (!read.ok) throw new Error(read.error)
  return read.value
}

test('reports are known by their names, in any folder', () => {
  for (const path of ['junit.xml', 'a/b/junit-1.xml', 'TEST-com.acme.X.xml', 'target/surefire-reports/TEST-X.xml']) expect(isReport(path), path).toBe(true)
  for (const path of ['my-junit.xml', 'junit.xml/x', 'junit.html', 'test-x.xml', 'report.xml', 'a/myTEST-x.xml']) expect(isReport(path), path).toBe(false)
})

test('the reports of an output are found in one pass, failed cases first, and kept', async () => {
  const archives = new Archives()
  const artifact = await archives.add([
    { name: './junit.xml', content: suite('a', passed('one'), failed('two'), passed('three')) },
    { name: './deep/TEST-b.xml', content: suite('b', passed('four')) },
    { name: './deep/TEST-c.xml', content: suite('c', failed('five')) },
    { name: './junit-folder.xml', type: 'directory' },
    { name: './junit-link.xml', type: 'symlink', linkname: '/etc/passwd' },
    { name: './other.xml', content: suite('d', failed('six')) },
  ])
  const reader = new TestReportReader(archives)
  const [read, again] = await Promise.all([reading(reader, artifact), reading(reader, artifact)])
  expect(names(read)).toEqual(['out/junit.xml a.two failed', 'out/junit.xml a.one passed', 'out/junit.xml a.three passed', 'out/deep/TEST-c.xml c.five failed', 'out/deep/TEST-b.xml b.four passed'])
  expect(read).toMatchObject({ counts: { passed: 3, failed: 2, errored: 0, skipped: 0 }, leftOut: [] })
  expect(again).toBe(read)
  expect(archives.opened).toBe(1)
})

test('what a build’s log hides is hidden in its reports', async () => {
  const archives = new Archives()
  const artifact = await archives.add([{ name: 'junit.xml', content: suite('of hunter2', '<testcase name="hunter2" classname="hunter2"><failure message="got hunter2">hunter2</failure><system-out>hunter2</system-out></testcase>') }])
  const read = await reading(new TestReportReader(archives), artifact, ['hunter2'])
  const hidden = '((redacted))'
  expect(read.suites).toEqual([{ plan: '1', file: 'out/junit.xml', name: `of ${hidden}`, cases: [{ name: hidden, class: hidden, state: 'failed', message: `got ${hidden}`, text: hidden, output: hidden }] }])
})

test('files and outputs beyond the bounds are named, and those at them are read', async () => {
  const archives = new Archives()
  const report = suite('a', passed('x'))
  const artifact = await archives.add([{ name: 'junit-1.xml', content: report }, { name: 'junit-2.xml', content: report }])
  const read = async (bounds: Partial<SearchBounds>) => {
    const { counts, leftOut } = await reading(new TestReportReader(archives, { ...searchBounds, ...bounds }), artifact)
    return [counts.passed, leftOut]
  }
  expect(await read({ files: 2, reportBytes: 2 * report.length, archiveBytes: artifact.size })).toEqual([2, []])
  expect(await read({ files: 1 })).toEqual([1, ["out/junit-2.xml: it is not read: of a build's reports at most 1 are, with 20971520 bytes together"]])
  expect(await read({ reportBytes: 2 * report.length - 1 })).toEqual([1, [expect.stringContaining('out/junit-2.xml: it is not read')]])
  expect(await read({ archiveBytes: artifact.size - 1 })).toEqual([0, [expect.stringMatching(/^out: it is not searched/)]])
  expect(await reading(new TestReportReader(archives), { digest: `sha256:${'f'.repeat(64)}`, size: 1 })).toMatchObject({ leftOut: ['out: it is no longer kept'] })
})

test('an archive that cannot be read, and a report that is none, are named', async () => {
  const archives = new Archives()
  const broken = { open: () => Promise.resolve({ size: 5, stream: (async function* () { yield Buffer.from('hello'.repeat(300)) })() }) }
  expect((await reading(new TestReportReader(broken), { digest: `sha256:${'0'.repeat(64)}`, size: 5 })).leftOut).toEqual([expect.stringMatching(/^out: it cannot be read: /)])
  const many = await archives.add(Array.from({ length: 150 }, (_, index) => ({ name: `junit-${index}.xml`, content: index === 0 ? `${suite('a', passed('x'))}<` : 'no XML' })))
  const { leftOut, counts } = await reading(new TestReportReader(archives), many)
  expect([leftOut[0], leftOut[1], leftOut.at(-1), leftOut.length, counts.passed]).toEqual([expect.stringMatching(/^out\/junit-0.xml: it is not well-formed XML: .*; the cases before that are listed$/), expect.stringMatching(/^out\/junit-1.xml: it is not well-formed XML/), 'and 50 more like these', 101, 1])
})

test('what was read is kept for builds that hide the same; what could not be read is asked for again', async () => {
  const archives = new Archives()
  const artifact = await archives.add([{ name: 'junit.xml', content: suite('a', passed('hunter2')) }])
  let broken = true
  const reader = new TestReportReader({ open: (digest) => (broken ? Promise.reject(new Error('connection refused')) : archives.open(digest)) })
  expect((await reading(reader, artifact)).leftOut).toEqual(['out: it cannot be read: connection refused'])
  broken = false
  expect(names(await reading(reader, artifact))).toEqual(['out/junit.xml a.hunter2 passed'])
  expect(names(await reading(reader, artifact, ['hunter2']))).toEqual(['out/junit.xml a.((redacted)) passed'])
  expect(names(await reading(reader, artifact))).toEqual(['out/junit.xml a.hunter2 passed'])
  expect(archives.opened).toBe(2)
})

test('builds beyond a bound are not made to wait', async () => {
  const archives = new Archives()
  const artifact = await archives.add([])
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const reader = new TestReportReader({ open: () => promise })
  const asked = Array.from({ length: 32 }, (_, index) => reader.read([{ plan: String(index), name: 'out', artifact }], []))
  expect(await reader.read([{ plan: 'x', name: 'out', artifact }], [])).toEqual({ ok: false, error: expect.stringContaining('ask again') })
  resolve(undefined)
  expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true)
  expect((await reader.read([{ plan: 'x', name: 'out', artifact }], [])).ok).toBe(true)
})

const file = (content: string) => ({ plan: '1', file: 'out/junit.xml', bytes: Buffer.from(content) })

test('W23: of too many cases those that failed are listed, and all are counted', () => {
  const bounds = { cases: 4, suites: 10, characters: 1_000 }
  const all = parseReports([file(`<testsuites>${suite('a', passed('1'), passed('2'), failed('3'))}${suite('b', passed('4'), failed('5'))}</testsuites>`)], [], bounds)
  expect(names(all).map((name) => name.split(' ')[1])).toEqual(['a.3', 'a.1', 'a.2', 'b.5'])
  expect(all).toMatchObject({ counts: { passed: 3, failed: 2 }, leftOut: ['1 cases are counted, but not listed: of a build at most 4 are'] })
  expect(parseReports([file(suite('a', passed('1'), passed('2'), passed('3'), failed('4')))], [], bounds).leftOut).toEqual([])
  const manyFailed = parseReports([file(suite('a', ...Array.from({ length: 6 }, (_, index) => failed(String(index)))))], [], bounds)
  expect([manyFailed.suites[0]?.cases.length, manyFailed.counts.failed, manyFailed.leftOut]).toEqual([4, 6, ['2 cases are counted, but not listed: of a build at most 4 are']])
  const suites = parseReports([file(`<testsuites>${Array.from({ length: 12 }, (_, index) => suite(String(index), passed('x'))).join('')}</testsuites>`)], [], { ...bounds, cases: 100 })
  expect([suites.suites.length, suites.counts.passed, suites.leftOut]).toEqual([10, 12, ['2 cases are counted, but not listed: of a build at most 100 are, in at most 10 suites']])
})

test('W23: 50 000 cases of a build are listed, and one more is counted', () => {
  const cases = (count: number) => parseReports([file(suite('a', ...Array.from({ length: count }, (_, index) => passed(String(index))), failed('last')))], [])
  const [most, over] = [cases(49_999), cases(50_000)]
  expect([names(most).length, names(most)[0]?.split(' ')[1], most.leftOut]).toEqual([50_000, 'a.last', []])
  expect([names(over).length, over.counts, over.leftOut]).toEqual([50_000, { passed: 50_000, failed: 1, errored: 0, skipped: 0 }, ['1 cases are counted, but not listed: of a build at most 50000 are']])
})

test('texts of a build have a bound together', () => {
  const texts = (characters: number) => parseReports([file(suite('a', failed('1', 'mm'), failed('2', 'mm')))], [], { cases: 10, suites: 10, characters })
  expect(texts(4)).toMatchObject({ suites: [{ cases: [{ message: 'mm' }, { message: 'mm' }] }], leftOut: [] })
  expect(texts(3).suites[0]?.cases).toEqual([{ name: '1', state: 'failed', message: 'mm' }, { name: '2', state: 'failed' }])
  expect(texts(3).leftOut).toEqual(['the messages of 1 cases are left out: those of a build have at most 3 characters together'])
})
