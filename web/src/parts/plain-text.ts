import { options } from 'preact'

/** Controls of bidirectional text and line separators: with them a name shows as another one. */
const misleading = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

export const plainText = (text: string): string => text.replace(misleading, '\ufffd')

const shown = ['title', 'aria-label', 'placeholder', 'alt'] as const

const plainChild = (child: unknown): unknown => (typeof child === 'string' ? plainText(child) : Array.isArray(child) ? child.map(plainChild) : child)

/** Replaces them in all text that the page shows, wherever a component has it from; names in links and requests stay as they are. */
export function showPlainText(): void {
  const before = options.vnode
  options.vnode = (vnode) => {
    const { type, props } = vnode as { readonly type: unknown; readonly props: Record<string, unknown> }
    if (props['children'] !== undefined) props['children'] = plainChild(props['children'])
    for (const name of typeof type === 'string' ? shown : []) if (typeof props[name] === 'string') props[name] = plainText(props[name])
    before?.(vnode)
  }
}
