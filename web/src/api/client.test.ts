import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ask, awaitUser, forgetCsrfToken } from './client.ts'

type Sent = { readonly method: string; readonly path: string; readonly token: string | undefined }

/** Answers requests one after the other; `lost`: no answer comes. */
function server(...answers: readonly ((sent: Sent) => Response | 'lost')[]): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', (path: string, { method = 'GET', headers }: { readonly method?: string; readonly headers: Readonly<Record<string, string>> }) => {
    const one = { method, path, token: headers['X-Csrf-Token'] }
    const answer = answers[sent.push(one) - 1]?.(one) ?? 'lost'
    return answer === 'lost' ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(answer)
  })
  return sent
}

const user = (token: string) => () => new Response('{}', { headers: { 'X-Csrf-Token': token } })
const done = () => new Response(null, { status: 204 })
const refused = () => new Response('not authorized', { status: 401 })
const lost = () => 'lost' as const

// Time is advanced by so much as the pauses take: to run all timers would run those too that another file's tests have left, which may set new ones for ever.
beforeEach(() => {
  forgetCsrfToken()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a change that is asked for before the token is known asks for the token first', async () => {
  const sent = server(user('t1'), done)
  await ask('/pause', { method: 'PUT' })
  expect(sent).toEqual([{ method: 'GET', path: '/api/v1/user', token: undefined }, { method: 'PUT', path: '/pause', token: 't1' }])
})

test('a change that is refused for the token of an earlier login is sent again with the new one', async () => {
  const sent = server(user('t1'), refused, user('t2'), done)
  await ask('/pause', { method: 'PUT' })
  expect(sent.map(({ path, token }) => [path, token])).toEqual([['/api/v1/user', undefined], ['/pause', 't1'], ['/api/v1/user', undefined], ['/pause', 't2']])
})

test('a change that is refused with the right token is refused', async () => {
  const sent = server(user('t1'), refused, user('t1'))
  await expect(ask('/pause', { method: 'PUT' })).rejects.toMatchObject({ status: 401, message: 'not authorized' })
  expect(sent).toHaveLength(3)
})

test.each(['GET', 'PUT'] as const)('%s is sent again while no answer comes, and fails at the fourth', async (method) => {
  const token = method === 'GET' ? [] : [user('t1')]
  const sent = server(...token, lost, lost, lost, done)
  const answered = ask('/x', { method })
  await vi.advanceTimersByTimeAsync(10_000)
  expect((await answered).status).toBe(204)
  expect(sent).toHaveLength(token.length + 4)
  server(lost, lost, lost, lost, done)
  const failed = expect(ask('/x', { method })).rejects.toMatchObject({ status: 0 })
  await vi.advanceTimersByTimeAsync(10_000)
  await failed
})

test('what is not the same twice is sent once', async () => {
  const sent = server(user('t1'), lost, done)
  await expect(ask('/builds', { method: 'POST' })).rejects.toMatchObject({ status: 0 })
  expect(sent.map(({ method }) => method)).toEqual(['GET', 'POST'])
})

test('a request that nobody waits for any more is not sent again', async () => {
  const stop = new AbortController()
  const sent = server(lost, done)
  const asked = expect(ask('/x', { signal: stop.signal })).rejects.toThrow()
  await vi.advanceTimersByTimeAsync(100)
  stop.abort()
  await vi.advanceTimersByTimeAsync(10_000)
  await asked
  expect(sent).toHaveLength(1)
})

test('each reason that the server gives has a line', async () => {
  server(() => Response.json({ errors: ['no job a', 'no job b'] }, { status: 400 }))
  await expect(ask('/api/v1/x')).rejects.toMatchObject({ status: 400, message: 'no job a\nno job b' })
})

test('what is refused before anybody knows who is logged in is asked for once more: the answer about the user takes a cookie away that is over', async () => {
  const sent = server(refused, done, refused, refused)
  let answerUser = (): void => undefined
  awaitUser(new Promise<void>((resolve) => (answerUser = resolve)))
  const asked = ask('/x')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toHaveLength(1)
  answerUser()
  expect((await asked).status).toBe(204)
  // From now on it is known.
  await expect(ask('/x')).rejects.toMatchObject({ status: 401 })
  expect(sent).toHaveLength(3)
})
