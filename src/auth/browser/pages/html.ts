/** Markup; everything else that stands in a template is text. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Part = string | number | Html | readonly Html[]

/** Text in the template is markup, values are text and quoted as such; attributes must stand in double quotes. */
export function html(markup: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(markup.map((piece, index) => (index === 0 ? piece : `${shown(values[index - 1] ?? '')}${piece}`)).join(''))
}

function shown(value: Part): string {
  if (value instanceof Html) return value.markup
  return typeof value === 'object' ? value.map(({ markup }) => markup).join('') : quoted(String(value))
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const quoted = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
