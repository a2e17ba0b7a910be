import css from './Segments.module.css'
import type { Segment } from './segments.ts'
import { background, bold, dim, foreground, inverse, italic, strike, underline } from './sgr.ts'

const flags = [[bold, 'bold'], [dim, 'dim'], [italic, 'italic'], [underline, 'underline'], [strike, 'strike']] as const

function classOf({ style, mark }: Segment): string | undefined {
  if (style === 0 && mark === undefined) return undefined
  const names = flags.flatMap(([flag, name]) => ((style & flag) === 0 ? [] : [css[name]]))
  const [front, back] = [foreground(style), background(style)]
  if ((style & inverse) !== 0) names.push(css['inverse'])
  // Letters on a coloured ground have the colour that is readable on it.
  if (back !== undefined) names.push(css[`ground${back % 8}`])
  else if (front !== undefined) names.push(css[`colour${front}`])
  if (mark !== undefined) names.push(css[mark])
  return names.join(' ')
}

/** The text of a line. */
export const Segments = ({ segments }: { readonly segments: readonly Segment[] }): preact.JSX.Element => (
  <>
    {segments.map((segment, index) => {
      const name = classOf(segment)
      if (segment.url !== undefined) {
        return (
          <a key={index} class={name} href={segment.url} target="_blank" rel="noopener noreferrer">
            {segment.text}
          </a>
        )
      }
      return segment.mark === undefined ? name === undefined ? segment.text : <span key={index} class={name}>{segment.text}</span> : <mark key={index} class={name}>{segment.text}</mark>
    })}
  </>
)
