/** What the server answered instead of what was asked for; shown to people. */
export class ApiError extends Error {
  readonly status: number
  /** Of the server's log; undefined where no server answered. */
  readonly requestId: string | undefined

  constructor(status: number, message: string, requestId?: string) {
    super(message)
    this.status = status
    this.requestId = requestId
  }
}

/** Kept in memory alone: a page of another origin must not find it in a cookie or storage. */
let csrfToken = ''

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in the place of `body`. */
  readonly text?: { readonly type: string; readonly content: string }
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

let onUnauthorized = (): void => undefined

/** Calls back after each answer that says that nobody is logged in: a login may have ended. */
export function listenForUnauthorized(call: () => void): void {
  onUnauthorized = call
}

let unknownUser: Promise<unknown> | undefined

/**
 * Until this is answered nobody knows who is logged in: the browser may send the cookie of a login that is over, with which everything is
 * refused, and which the answer takes away. What is refused until then is asked for once more.
 */
export function awaitUser(answer: Promise<unknown>): void {
  unknownUser = answer.finally(() => (unknownUser = undefined))
}

/** Pauses before a request that no answer came to is sent again: a machine that changes its network loses all that it has under way. ms */
const pauses = [250, 1_000, 3_000]

/**
 * Asks the API; throws ApiError for every answer but 2xx, and where none came. What does the same however often it is sent (GET, PUT) is
 * sent again where no answer came.
 */
export async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { method = 'GET' } = asked
  if (method !== 'GET' && csrfToken === '') await learnCsrfToken()
  const [sentWith, userIsComing] = [csrfToken, unknownUser]
  const answer = await sendRepeatedly(path, asked)
  if (answer.ok) return answer
  // The token may be that of a login that another tab has replaced; what was refused for it has done nothing.
  if (answer.status === 401 && method !== 'GET' && (await learnCsrfToken()) !== sentWith) return accepted(await sendRepeatedly(path, asked))
  if (answer.status === 401 && method === 'GET' && userIsComing !== undefined) {
    await userIsComing
    return accepted(await sendRepeatedly(path, asked))
  }
  return accepted(answer)
}

async function accepted(answer: Response): Promise<Response> {
  if (answer.ok) return answer
  if (answer.status === 401) onUnauthorized()
  throw new ApiError(answer.status, reason(await answer.text().catch(() => ''), answer.status), answer.headers.get('X-Request-Id') ?? undefined)
}

async function sendRepeatedly(path: string, asked: Asked): Promise<Response> {
  for (const pause of asked.method === 'POST' || asked.method === 'DELETE' ? [] : pauses) {
    const answer = await send(path, asked)
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, pause))
    asked.signal?.throwIfAborted()
  }
  const answer = await send(path, asked)
  if (answer === undefined) throw new ApiError(0, 'The server does not answer.')
  return answer
}

/** Undefined: no answer came. */
async function send(path: string, { method = 'GET', body, text, signal, headers }: Asked): Promise<Response | undefined> {
  const sent: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { ...headers, ...(text !== undefined ? { 'Content-Type': text.type } : body !== undefined && { 'Content-Type': 'application/json' }), ...(method !== 'GET' && csrfToken !== '' && { 'X-Csrf-Token': csrfToken }) },
    ...(text !== undefined ? { body: text.content } : body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }
  const answer = await fetch(path, sent).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    return undefined
  })
  csrfToken = answer?.headers.get('X-Csrf-Token') ?? csrfToken
  return answer
}

/** The user's route gives it. A page may know its user by the connection it watches before that route has answered. */
async function learnCsrfToken(): Promise<string> {
  await sendRepeatedly('/api/v1/user', {}).catch(() => undefined)
  return csrfToken
}

/** Asks for JSON. The shape is the server's promise: src/api/schemas.ts checks it in tests of each route. */
export async function askJson<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await (await ask(path, asked)).json()) as T
}

/** For what sends no header: a web socket. */
export const csrfTokenNow = (): string => csrfToken

export function forgetCsrfToken(): void {
  csrfToken = ''
}

/** The server's sentence: JSON `{error}` or `{errors}`, else its text; each line is a reason. */
function reason(text: string, status: number): string {
  try {
    const { error, errors } = JSON.parse(text) as { error?: unknown; errors?: unknown }
    if (typeof error === 'string') return error
    if (Array.isArray(errors)) return errors.filter((one) => typeof one === 'string').join('\n')
  } catch {
    // Plain text.
  }
  const lines = text.trim()
  return lines === '' || lines.startsWith('<') ? `The server answered ${status}.` : lines.slice(0, 500)
}
