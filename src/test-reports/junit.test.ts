import { expect, test } from 'vitest'
import type { TestCase } from '../model/test-report.ts'
import { readJunit, type JunitBounds } from './junit.ts'
import { cleanXml, decodeXml } from './xml-text.ts'

const bounds: JunitBounds = { depth: 20, name: 60, message: 80, text: 200 }

/** Suites with their cases, and the error in the end, if there is one. */
function read(xml: string, given: Partial<JunitBounds> = {}): { readonly suites: Record<string, readonly TestCase[]>; readonly error?: string } {
  const suites: Record<string, TestCase[]> = {}
  const result = readJunit(cleanXml(xml), { suite: (name) => (testCase) => void (suites[name] ??= []).push(testCase) }, { ...bounds, ...given })
  return { suites, ...(!result.ok && { error: result.error }) }
}

test('W23: reports of pytest are read', () => {
  expect(read(`<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.061" timestamp="2026-11-27T10:00:00" hostname="h">
<testcase classname="test_a" name="test_ok" time="0.001" /><testcase classname="test_a" name="test_bad[x-1]" time="0.002"><failure message="assert 1 == 2">def test_bad():
&gt;       assert 1 == 2
E       assert 1 == 2</failure><system-out>seen</system-out></testcase><testcase classname="test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="not here">/t/test_a.py:9: not here</skipped></testcase>
<testcase classname="test_a" name="test_setup" time="0.5"><error message="failed on setup with &quot;E&quot;">trace</error></testcase></testsuite></testsuites>`)).toEqual({
    suites: {
      pytest: [
        { name: 'test_ok', class: 'test_a', state: 'passed', ms: 1 },
        { name: 'test_bad[x-1]', class: 'test_a', state: 'failed', ms: 2, message: 'assert 1 == 2', text: 'def test_bad():\n>       assert 1 == 2\nE       assert 1 == 2', output: 'seen' },
        { name: 'test_skip', class: 'test_a', state: 'skipped', ms: 0, message: 'not here', text: '/t/test_a.py:9: not here' },
        { name: 'test_setup', class: 'test_a', state: 'errored', ms: 500, message: 'failed on setup with "E"', text: 'trace' },
      ],
    },
  })
})

test('W23: reports of Surefire are read, with reruns that did not count', () => {
  expect(read(`<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://maven.apache.org/x.xsd" version="3.0" name="com.acme.CalcTest" time="1,234.5" tests="2"><properties><property name="java.home" value="/j"/></properties>
  <testcase name="flaky" classname="com.acme.CalcTest" time="1,000.25"><flakyFailure message="once" type="java.lang.AssertionError"><stackTrace>at X</stackTrace><system-out>o</system-out></flakyFailure></testcase>
  <testcase name="adds" classname="com.acme.CalcTest" time="0.1"><failure type="org.opentest4j.AssertionFailedError"><![CDATA[
	at com.acme.CalcTest.adds(CalcTest.java:9)
]]></failure><system-out><![CDATA[a < b]]></system-out><system-err><![CDATA[ & more]]></system-err></testcase><system-out>of the suite</system-out></testsuite>`)).toEqual({
    suites: {
      'com.acme.CalcTest': [
        { name: 'flaky', class: 'com.acme.CalcTest', state: 'passed', ms: 1_000_250 },
        { name: 'adds', class: 'com.acme.CalcTest', state: 'failed', ms: 100, message: 'org.opentest4j.AssertionFailedError', text: '\tat com.acme.CalcTest.adds(CalcTest.java:9)', output: 'a < b & more' },
      ],
    },
  })
})

test('W23: reports of gotestsum, jest, PHPUnit and CTest are read', () => {
  expect(read(`<testsuites tests="1" failures="1"><testsuite tests="1" failures="1" time="0.003000" name="acme/calc" timestamp="t"><properties><property name="go.version" value="go1.25"/></properties><testcase classname="acme/calc" name="TestAdd/two" time="0.000000"><failure message="Failed" type="">=== RUN   TestAdd/two&#xA;    calc_test.go:9: 3, not 4&#xA;--- FAIL: TestAdd/two (0.00s)</failure></testcase></testsuite></testsuites>`).suites)
    .toEqual({ 'acme/calc': [{ name: 'TestAdd/two', class: 'acme/calc', state: 'failed', ms: 0, message: 'Failed', text: '=== RUN   TestAdd/two\n    calc_test.go:9: 3, not 4\n--- FAIL: TestAdd/two (0.00s)' }] })
  expect(read(`<testsuites name="jest tests" tests="2"><testsuite name="sum" errors="0"><testcase classname="sum adds" name="sum adds" time="0.004"><failure>Error: \u001b[2mexpect(\u001b[22m3&#27;[31m)&#x1B;[0m\u0007</failure></testcase><testcase classname="x" name="later"><skipped/></testcase></testsuite></testsuites>`).suites)
    .toEqual({ sum: [{ name: 'sum adds', class: 'sum adds', state: 'failed', ms: 4, text: 'Error: expect(3)\ufffd' }, { name: 'later', class: 'x', state: 'skipped' }] })
  expect(read(`<testsuites><testsuite name="unit" tests="1"><testsuite name="CalcTest" file="/t/CalcTest.php"><testsuite name="CalcTest::add"><testcase name="add with data set #0" class="CalcTest" classname="CalcTest" time="0.01"/></testsuite></testsuite></testsuite></testsuites>`).suites)
    .toEqual({ 'unit / CalcTest / CalcTest::add': [{ name: 'add with data set #0', class: 'CalcTest', state: 'passed', ms: 10 }] })
  expect(read(`<testsuite name="Linux-c++" tests="2"><testcase name="a" classname="a" time="0.1" status="run"><system-out>o</system-out></testcase><testcase name="b" classname="b" time="0" status="disabled"><skipped message="Disabled"/></testcase><testcase name="c" classname="c" time="0" status="notrun"/><testcase name="d" classname="d" status="fail"><failure message=""/><system-out>why</system-out></testcase></testsuite>`).suites['Linux-c++']?.map(({ name, state, output }) => [name, state, output]))
    .toEqual([['a', 'passed', undefined], ['b', 'skipped', undefined], ['c', 'skipped', undefined], ['d', 'failed', 'why']])
})

test('W23: a document type is refused, so that no entity is expanded or fetched', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY lol${i} "${`&lol${i === 0 ? '' : i - 1};`.repeat(10)}">`).join('')}]><testsuite><testcase name="&lol8;"/></testsuite>`
  const doctype = 'it has a document type (DOCTYPE), which reports do not need and which is not read'
  expect(read(bomb)).toEqual({ suites: {}, error: doctype })
  expect(read('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>')).toEqual({ suites: {}, error: doctype })
  expect(read('<!DOCTYPE testsuite SYSTEM "http://elsewhere.example/x.dtd"><testsuite/>')).toEqual({ suites: {}, error: doctype })
  expect(read('<testsuite><testcase name="&x;"/></testsuite>').error).toMatch(/^it is not well-formed XML: 1:\d+: undefined entity/)
})

test('W23: a report that is cut off or broken is read up to there', () => {
  const passed = { a: [{ name: 'x', state: 'passed' }] }
  expect(read('<testsuite name="a"><testcase name="x"/>\n<testcase name="y"><fail')).toEqual({ suites: passed, error: expect.stringMatching(/^it is not well-formed XML: 2:\d+: un/) })
  expect(read('<testsuite name="a"><testcase name="x"/></testsuites>')).toEqual({ suites: passed, error: expect.stringMatching(/unexpected close tag|unmatched/) })
  expect(read('<testsuite name="a"><testcase name="x"/>&lt;<').suites).toEqual(passed)
  for (const text of ['', ' ', 'no XML', '\u0000\u0001']) expect(read(text), text).toEqual({ suites: {}, error: expect.stringMatching(/^it is not well-formed XML/) })
  expect(read('<html><body/></html>').error).toBe('its outermost element is html, not testsuites or testsuite')
})

test('elements, names, messages and texts are cut at their bounds', () => {
  const deep = (levels: number): string => `${'<testsuite>'.repeat(levels)}<testcase name="x"/>${'</testsuite>'.repeat(levels)}`
  expect(read(deep(19))).toEqual({ suites: { '': [{ name: 'x', state: 'passed' }] } })
  expect(read(deep(20)).error).toBe('it has more than 20 elements inside each other')
  const long = (characters: number): TestCase | undefined =>
    Object.values(read(`<testsuite><testcase name="${'n'.repeat(characters)}" classname="${'c'.repeat(characters)}"><failure message="${'m'.repeat(characters)}">${'t'.repeat(characters)}<![CDATA[t]]><!-- -->t</failure><system-err>${'o'.repeat(characters)}</system-err></testcase></testsuite>`).suites)[0]?.[0]
  expect(long(50)).toMatchObject({ name: 'n'.repeat(50), class: 'c'.repeat(50), message: 'm'.repeat(50), text: 't'.repeat(52), output: 'o'.repeat(50) })
  expect(long(201)).toMatchObject({ name: `${'n'.repeat(60)}…`, class: `${'c'.repeat(60)}…`, message: `${'m'.repeat(80)}…`, text: `${'t'.repeat(200)}…`, output: `${'o'.repeat(200)}…` })
})

test('attributes that look like properties of objects are texts', () => {
  const names: string[] = []
  expect(readJunit('<testsuite name="__proto__"><testcase __proto__="a" name="toString" time="Infinity"/><testcase name="t" time="-1"><constructor>x</constructor></testcase><testcase time="abc"/></testsuite>', { suite: (suite) => (testCase) => void names.push(`${suite}.${testCase.name} ${testCase.ms}`) }, bounds)).toEqual({ ok: true, value: undefined })
  expect(names).toEqual(['__proto__.toString undefined', '__proto__.t undefined', '__proto__. undefined'])
})

test('a report is decoded by its byte order mark or its declaration', () => {
  const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="é"/>'
  expect(decodeXml(Buffer.from(xml, 'latin1'))).toBe(xml)
  expect(decodeXml(Buffer.from(`\ufeff<a>é</a>`, 'utf16le'))).toBe('<a>é</a>')
  expect(decodeXml(Buffer.from(`\ufeff<a>é</a>`))).toBe('<a>é</a>')
  expect(decodeXml(Buffer.from('<a>é</a>'))).toBe('<a>é</a>')
  expect(decodeXml(Buffer.from([0x3c, 0x61, 0xff, 0x3e]))).toBe('<a\ufffd>')
  expect(decodeXml(Buffer.from('<?xml version="1.0" encoding="klingon"?>'))).toBeUndefined()
})

test('characters that XML lacks are replaced, tabs and line ends stay', () => {
  expect(cleanXml('a\tb\r\n&#9;&#10;&#xD;&#x9; &#8;&#x1f;&#00;&#31;\u0000\ufffe&#32;&#110;&#x41;')).toBe('a\tb\r\n&#9;&#10;&#xD;&#x9; \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd&#32;&#110;&#x41;')
})
