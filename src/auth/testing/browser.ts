import type { FastifyInstance } from 'fastify'

/** What a browser does with pages: it keeps cookies, follows redirects, and says where forms come from unless their page forbids it. */
export class TestBrowser {
  readonly cookies = new Map<string, string>()
  private readonly app: FastifyInstance
  private referrerPolicy = ''

  constructor(app: FastifyInstance) {
    this.app = app
  }

  get header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async request(method: 'GET' | 'POST' | 'PUT', url: string, { form, headers = {} }: { readonly form?: Readonly<Record<string, string>>; readonly headers?: Readonly<Record<string, string>> } = {}) {
    const answer = await this.app.inject({
      method,
      url,
      headers: { cookie: this.header, accept: 'text/html', ...(method === 'POST' && { origin: this.referrerPolicy === 'no-referrer' ? 'null' : ownOrigin(headers['host']) }), ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      ...(form && { payload: new URLSearchParams(form).toString() }),
    })
    this.referrerPolicy = String(answer.headers['referrer-policy'] ?? '')
    for (const { name, value, maxAge } of answer.cookies) {
      if (maxAge === 0) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  /** To the page where the redirects end. */
  async open(url: string) {
    for (let next = url, hops = 0; hops < 10; hops++) {
      const answer = await this.request('GET', next)
      const { location } = answer.headers
      if (location === undefined) return { url: next, answer }
      next = location
    }
    throw new Error(`${url} redirects without an end`)
  }

  /** Fills in the login page and sends it. */
  async logIn(url: string, name: string, password: string, headers: Readonly<Record<string, string>> = {}) {
    const { answer } = await this.open(url)
    const { action, fields } = formOf(answer.body)
    return this.request('POST', action, { form: { ...fields, login: name, password }, headers })
  }
}

const ownOrigin = (host = 'ci.example'): string => `http://${host}`

/** The page's form: where it goes, and its hidden fields. */
export function formOf(page: string): { readonly action: string; readonly fields: Readonly<Record<string, string>> } {
  const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1]
  if (action === undefined) throw new Error(`no form in ${page}`)
  const fields = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])
  return { action, fields: Object.fromEntries(fields) as Record<string, string> }
}
