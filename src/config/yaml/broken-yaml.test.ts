import { describe, expect, test } from 'vitest'
import { read } from './testing/read.ts'

describe('broken text', () => {
  test.each([
    ['a:\n\t- b', 'error 2:1 a tab stands where only spaces can'],
    ['a: 1\nb: [1, 2\n', 'error 2:4 a bracket is not closed by ]; it opens on line 2'],
    ['a: {b: 1', 'error 1:4 a bracket is not closed by }; it opens on line 1'],
    ["a: 'x\nb: 1\n", 'error 1:4 a single quote is not closed'],
    ['a: 1\n---\nb: 1\n', 'warning 2:1 a second YAML document starts here; only the first is read'],
    ['a: 1\nb: x\u0007\n', 'error 2:5 a control character (U+0007) stands here'],
    ['a: b: c', 'error 1:5 a `:` cannot stand here: what is before it is no key'],
    ['a: @x', 'error 1:4 a plain value cannot start with @'],
    ['a: 1\na: 2', 'error 2:1 the key `a` stands twice in one map; first on line 1'],
    ['- a\nb: 1', 'error 2:1 a key stands where an item of the list from line 1 should start with `- `'],
    ['a: 1\n- b', 'error 2:1 `- ` stands where a key of the map from line 1 should start'],
    ['a:\n    b: 1\n  c: 2', 'error 3:3 the indentation does not fit the lines above: the keys of the map that starts on line 1 stand in column 1'],
    ['a: 1\nb\nc: 2', 'error 2:1 a key has no `:` after it on its line'],
    [`${'k'.repeat(1025)}: 1\na: 1`, 'error 1:1026 a `:` cannot stand here: what is before it is no key'],
    [`a: 1\n${'k'.repeat(1025)}: 1`, 'error 2:1 a key is longer than 1024 characters'],
    ['a: - b', 'error 1:4 an item of a list cannot start here'],
    ['a: [- b]', 'error 1:5 a `-` with a space behind it is no value inside of brackets'],
    ['a: [b c: d', 'error 1:4 a bracket is not closed by ]; it opens on line 1'],
    ['a: [b, }', 'error 1:8 `}` is not expected here'],
    ['a: {b c d: [}', 'error 1:13 `}` is not expected here'],
    ['a: [b\nc: d]', 'error 2:2 `,` or `]` is missing before `:`'],
    ['a: [,b]', 'error 1:5 nothing stands before this `,`'],
    ['a: &b.c d', 'error 1:4 the name of an anchor has a character that is not allowed there'],
    ['a: & d', 'error 1:4 a `&` has no name behind it'],
    ['a: !x!y d', 'error 1:4 no `%TAG` line defines `!x!`'],
    ['a: !{b} c', 'error 1:4 a tag is not well formed'],
    ['a: |x\n  b', 'error 1:5 the text of `|` starts on the next line, and something stands behind the `|`'],
    ['a: |0\n  b', 'error 1:5 the indentation of a text cannot be 0'],
    ['a: |\n\tb', 'error 2:1 a tab stands where the indentation of a text needs a space'],
    ['a: "\\/"', 'error 1:5 there is no escape `\\/`'],
    ['a: "\\xZ"', 'error 1:5 the escape `\\x` needs 2 hexadecimal digits'],
    ['a: "\\ud800"', 'error 1:5 the escape `\\ud800` stands for no character'],
    ['a: "b\n---\nc"', 'error 2:1 a document ends here inside of a text in double quotes'],
    ['%YAML 1.2\n---\na: 1', 'error 1:1 YAML 1.2 is not read, only YAML 1.1, as in Concourse'],
    ['%FOO\n---\na: 1', 'error 1:1 a line that starts with `%` is a directive, and this is neither `%YAML` nor `%TAG`'],
    ['a: !!int b', 'error 1:4 `b` is no int, as its tag says'],
    ['a: !!binary b', 'error 1:4 a `!!binary` value is no base64'],
    ['~: b', 'error 1:1 `~` cannot be a key'],
    ['{a: b} c', 'warning 1:8 what stands here is not read: the value before it is complete'],
    ['a: ]', 'error 1:4 `]` is not expected here'],
    ["a: 'b' 'c'", 'error 1:8 the text `c` follows a value that is complete'],
    ['{[a]: 1}', 'error 1:2 a list cannot be a key'],
    [': 1', 'error 1:1 a key is missing before the `:`'],
  ])('%j: %s', (source, remark) => {
    expect(read(source).remarks).toEqual([remark])
  })

  test.each(['', '# nothing\n', '---\n', '---\n...\n', '\ufeff', '%YAML 1.1\n---\n'])('%j is empty', (source) => {
    expect(read(source)).toEqual({ value: undefined, remarks: [] })
  })

  test('a document end and an empty document behind it are no mistake', () => {
    expect(read('---\na: 1\n...\n')).toEqual({ value: { a: 1 }, remarks: [] })
    expect(read('a: 1\n---\n')).toEqual({ value: { a: 1 }, remarks: [] })
  })
})
