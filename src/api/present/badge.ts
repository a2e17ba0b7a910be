import type { FinalStatus } from '../../model/event.ts'

const height = 20
const titleWidth = 37
const shades: Readonly<Record<FinalStatus | 'unknown', { readonly text: string; readonly width: number; readonly color: string }>> = {
  succeeded: { text: 'passing', width: 88, color: '#44cc11' },
  failed: { text: 'failing', width: 80, color: '#e05d44' },
  aborted: { text: 'aborted', width: 90, color: '#8f4b2d' },
  errored: { text: 'errored', width: 88, color: '#fe7d37' },
  unknown: { text: 'unknown', width: 98, color: '#9f9f9f' },
}
const longestTitle = 200

/** As wide and as coloured as Concourse's. `title`: instead of `build`. */
export function badge(status: FinalStatus | undefined, title: string): string {
  const { text, width, color } = shades[status ?? 'unknown']
  const right = width - titleWidth
  const words = title === '' ? 'build' : title.slice(0, longestTitle)
  const left = title === '' ? titleWidth : widthOf(words)
  const label = (x: number, content: string): string =>
    `<text x="${x}" y="15" fill="#010101" fill-opacity=".3">${content}</text><text x="${x}" y="14">${content}</text>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${height}" role="img">
<clipPath id="round"><rect width="${left + right}" height="${height}" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="${left}" height="${height}" fill="#555"/><rect x="${left}" width="${right}" height="${height}" fill="${color}"/></g>
<g fill="#fff" text-anchor="middle" font-family="DejaVu Sans,Verdana,Geneva,sans-serif" font-size="11">${label(left / 2, escaped(words))}${label(left + right / 2, text)}</g>
</svg>
`
}

/** Short words have a margin, as in Concourse. */
const widthOf = (words: string): number => words.length * 6 + (words.length <= 8 ? 12 : words.length <= 15 ? 6 : 0)

/** The worst first. */
const severity = ['failed', 'errored', 'aborted', 'succeeded'] as const

export const worst = (statuses: readonly FinalStatus[]): FinalStatus | undefined => severity.find((status) => statuses.includes(status))

/** For text and attributes of XML, which has no control characters. */
export const escaped = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd').replaceAll(/[&<>"'\n\t\r]/g, (character) => `&#${character.charCodeAt(0)};`)
