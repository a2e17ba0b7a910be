import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bold, foreground, background, linkOf, underline, type Style } from './sgr.ts'
import { StepLog } from './step-log.ts'

interface Shown {
  readonly text: string
  readonly styles: readonly (readonly [number, Style])[]
}

function shown(...pieces: readonly string[]): Shown[] {
  const log = new StepLog()
  for (const piece of pieces) log.output(piece, 0)
  return [...log.lines.from(0)].map(([, { text, runs }]) => ({ text, styles: runs.flatMap((index, at) => (at % 2 === 0 ? [[index, runs[at + 1] ?? 0] as const] : [])) }))
}

const texts = (...pieces: readonly string[]): string[] => shown(...pieces).map(({ text }) => text)
const csi = '\u001b['
const osc = '\u001b]'

test.each<readonly [string, string, readonly string[]]>([
  ['nothing', '', []],
  ['lines', 'a\nb\n', ['a', 'b']],
  ['a line without an end', 'a\nb', ['a', 'b']],
  ['empty lines', 'a\n\n\nb\n', ['a', '', '', 'b']],
  ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
  ['CR overwrites from the start', 'abcdef\rxy\n', ['xycdef']],
  ['CR and erase', `progress 99%\r${csi}Kdone\n`, ['done']],
  ['a progress bar by CR', '10%\r20%\r100%\n', ['100%']],
  ['a backspace', 'abc\b\bX\n', ['aXc']],
  ['backspaces before the start', 'a\b\b\bX\n', ['X']],
  ['tabs', 'a\tb\n12345678\tc\n', ['a       b', '12345678        c']],
  ['erase to the right', `abcdef\r${csi}3C${csi}K\n`, ['abc']],
  ['erase to the left', `abcdef${csi}4D${csi}1K\n`, ['   def']],
  ['erase the whole line, column kept', `abc${csi}2Kd\n`, ['   d']],
  ['erase characters', `abcdef\r${csi}2Xz\n`, ['z cdef']],
  ['cursor up and down', `a\nb\nc\n${csi}2AX\n${csi}1BY\n`, ['a', 'X', 'c', 'Y']],
  ['cursor up beyond the start', `a\n${csi}99AX\n`, ['X']],
  ['cursor to a column', `abc${csi}2GX\n`, ['aXc']],
  ['cursor right of the end pads', `a${csi}3CX\n`, ['a   X']],
  ['previous and next line', `a\nb\n${csi}2FX${csi}EY\n`, ['X', 'Y']],
  ['a position on a screen begins a line', `a${csi}1;1Hb\n`, ['a', 'b']],
  ['erase below', `a\nb\nc\n${csi}2A${csi}JX\n`, ['a', 'X', '']],
  ['clear screen keeps what was shown', `a\n${csi}2Jb\n`, ['a', 'b']],
  ['docker pull', `one: Pulling\ntwo: Pulling\n${csi}2A\r${csi}2Kone: Done\r${csi}2B${csi}1A\r${csi}2Ktwo: Done\r${csi}1B`, ['one: Done', 'two: Done']],
  ['private modes', `${csi}?25la${csi}?25h\n`, ['a']],
  ['character sets', '\u001b(Ba\u001b)0b\n', ['ab']],
  ['OSC 52 sets no clipboard', `a${osc}52;c;ZXZpbA==\u0007b\n`, ['ab']],
  ['OSC 0 sets no title', `a${osc}0;title\u001b\\b\n`, ['ab']],
  ['DCS, PM, APC', 'a\u001bPq#0\u001b\\b\u001b^x\u001b\\c\u001b_y\u001b\\d\n', ['abcd']],
  ['a string without an end takes its line alone', `a${osc}0;title\nb\n`, ['a', 'b']],
  ['a sequence without an end takes its line alone', `a${csi}12\nb\n`, ['a', 'b']],
  ['a sequence that is too long', `a${csi}${'1;'.repeat(5_000)}mb\n`, ['ab']],
  ['CAN and SUB end a sequence', `a${csi}3\u0018b${osc}x\u001ac\n`, ['abc']],
  ['other control characters', 'a\u0000\u0001\u0007\u000b\u000c\u007f\u0085\u009bb\n', ['ab']],
  ['bidirectional controls become visible', 'a\u202eb\u2066c\n', ['a\ufffdb\ufffdc']],
  ['line separators are no lines', 'a\u2028b\n', ['a\ufffdb']],
  ['half of a surrogate pair', 'a\ud800b\n', ['a\ufffdb']],
  ['wide characters are overwritten whole', '世界\rX\n', ['X 界']],
  ['the right half of a wide character', `世界${csi}2GX\n`, [' X界']],
  ['combining characters stay with theirs', 'e\u0301x\rE\n', ['Ex']],
  ['emoji', '🚀 up\rok\n', ['ok up']],
  ['HTML is text', '<img src=x onerror=alert(1)>\n', ['<img src=x onerror=alert(1)>']],
])('W10: shows %s', (_, output, expected) => {
  expect(texts(output)).toEqual(expected)
  expect(texts(...output)).toEqual(expected)
})

test('W10: colours: 16, 256 and true colour, in both writings', () => {
  const coloured = (parameters: string): Style => shown(`${csi}${parameters}mx`)[0]?.styles[0]?.[1] ?? 0
  expect(foreground(coloured('31'))).toBe(1)
  expect(foreground(coloured('92'))).toBe(10)
  expect(background(coloured('44'))).toBe(4)
  expect(background(coloured('103'))).toBe(11)
  expect(foreground(coloured('38;5;196'))).toBe(1)
  expect(foreground(coloured('38;5;9'))).toBe(9)
  expect(foreground(coloured('38;5;240'))).toBe(8)
  expect(foreground(coloured('38;2;0;180;0'))).toBe(2)
  expect(foreground(coloured('38:2::0:0:200'))).toBe(4)
  expect(background(coloured('48:5:3'))).toBe(3)
  expect(coloured('1;4') & (bold | underline)).toBe(bold | underline)
  expect(coloured('38;5;999')).toBe(0)
  expect(coloured('38;2;1')).not.toBeNaN()
  expect(coloured('8')).toBe(0)
})

test('a colour lasts over lines until it is reset', () => {
  expect(shown(`${csi}31ma\nb${csi}mc\n`)).toEqual([{ text: 'a', styles: [[0, 2]] }, { text: 'bc', styles: [[0, 2], [1, 0]] }])
})

test('W10: OSC 8 links to http and https alone', () => {
  const link = (url: string): number => linkOf(shown(`${osc}8;;${url}\u0007x${osc}8;;\u0007`)[0]?.styles[0]?.[1] ?? 0)
  expect(link('https://example.com/a')).toBe(1)
  expect(link('http://example.com')).toBe(1)
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vscode://x', '//example.com', 'https://', ' https://example.com']) expect(link(url), url).toBe(0)
  expect(shown(`${osc}8;;https://example.com\u001b\\in${osc}8;;\u001b\\out`)[0]?.styles.map(([index]) => index)).toEqual([0, 2])
})

test('W10: a line of 1 MB is whole, and one that is longer is cut and says so', () => {
  const log = new StepLog()
  log.output(`${'x'.repeat(1_048_576)}\n`, 0)
  log.output(`${'y'.repeat(1_048_577)}\nz\n`, 0)
  expect(log.lines.at(0)).toMatchObject({ columns: 1_048_576, cut: false })
  expect(log.lines.at(1)).toMatchObject({ columns: 1_048_576, cut: true })
  expect(log.lines.at(2)?.text).toBe('z')
})

test('overwriting the beginning of a very long line leaves its end', () => {
  const log = new StepLog()
  log.output(`${'x'.repeat(10_000)}\r${'y'.repeat(5_000)}\n`, 0)
  expect(log.lines.at(0)?.text).toBe('y'.repeat(4_096) + 'x'.repeat(10_000 - 4_096))
})

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 12 }) },
  fc.constantFrom('\n', '\r', '\t', '\b', '\r\n', '世', 'e\u0301', '🚀', '\ud83d', '\u001b', `${csi}`, `${osc}8;;https://a.b\u0007`, `${osc}52;`, '::group::x\n', '::endgroup::\n', 'section_start:1:a\r', 'section_end:1:a\r'),
  fc.tuple(fc.constantFrom(...'ABCDEFGHJKXm`'), fc.array(fc.nat(300), { maxLength: 4 })).map(([final, parameters]) => `${csi}${parameters.join(';')}${final}`),
)

test('W10: any output, cut anywhere, gives the same lines and never throws', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(400), { maxLength: 10 }), (pieces, cuts) => {
      const output = pieces.join('')
      const places = cuts.map((cut) => cut % (output.length + 1)).toSorted((a, b) => a - b)
      const cut = [...places, output.length].map((end, at) => output.slice(places[at - 1] ?? 0, end))
      const whole = shown(output)
      expect(shown(...cut)).toEqual(whole)
      for (const { text, styles } of whole) {
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
        expect(text.isWellFormed()).toBe(true)
        for (const [index] of styles) expect(index).toBeLessThan(text.length)
      }
    }),
    { numRuns: 400 },
  )
})

test('columns are the sum of what characters take, whatever was overwritten', async () => {
  const { widthOfText } = await import('./width.ts')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const log = new StepLog()
      for (const text of pieces) log.output(text, 0)
      for (const [, { text, columns }] of log.lines.from(0)) expect(columns).toBe(widthOfText(text))
    }),
    { numRuns: 400 },
  )
})
