import { createElement, Fragment, options } from 'preact'
import { afterEach, expect, test } from 'vitest'
import { showPlainText } from './plain-text.ts'

const before = options.vnode
afterEach(() => {
  if (before === undefined) delete options.vnode
  else options.vnode = before
})

test('text with controls of bidirectional text shows them as symbols, in elements, fragments and titles; links keep them', () => {
  showPlainText()
  const inner = createElement(Fragment, null, '\u2066a\u2069')
  expect(inner.props.children).toBe('\ufffda\ufffd')
  const { props } = createElement('a', { title: '\u202egnp.exe', href: '/jobs/\u202egnp.exe' }, '\u202egnp.exe', inner, 7)
  expect(props).toEqual({ title: '\ufffdgnp.exe', href: '/jobs/\u202egnp.exe', children: ['\ufffdgnp.exe', inner, 7] })
})
