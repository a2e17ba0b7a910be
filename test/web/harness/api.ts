/** What a test sets up, by HTTP alone, as fly and other clients do. */
export interface Api {
  /** Answers JSON, or undefined where there is no body; throws with the server's words for everything but 2xx. */
  call<T = unknown>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Sets a pipeline of a team from YAML, and unpauses it. */
  setPipeline(name: string, yaml: string, where?: { readonly team?: string; readonly vars?: string; readonly paused?: boolean }): Promise<void>
  /** Creates a build of a job and answers its id. */
  trigger(pipeline: string, job: string, team?: string): Promise<number>
  /** The build's stream of events, to its end, or until it holds a text. */
  events(build: number, until?: string): Promise<string>
  /** Resolves with the build's status when it has ended: when its stream of events has. */
  ended(build: number): Promise<string>
}

export async function logIn(url: string, person: string, password = person): Promise<Api> {
  const form = new URLSearchParams({ grant_type: 'password', username: person, password, scope: 'openid profile email federated:id groups' })
  const answer = await fetch(`${url}/sky/issuer/token`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from('fly:Zmx5').toString('base64')}` }, body: form })
  const token = (await answer.json()) as { access_token?: string; token_type?: string }
  if (token.access_token === undefined) throw new Error(`${person} cannot log in: ${JSON.stringify(token)}`)
  return apiOf(url, `${token.token_type} ${token.access_token}`)
}

function apiOf(url: string, authorization: string): Api {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${url}/api/v1${path}`, { ...init, method, headers: { authorization, ...(init.headers as Record<string, string> | undefined) } })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const api: Api = {
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await send(method, path, body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
      const text = await answer.text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async setPipeline(name, yaml, { team = 'main', vars, paused = false } = {}) {
      const query = vars === undefined ? '' : `?vars=${encodeURIComponent(vars)}`
      const path = `/teams/${encodeURIComponent(team)}/pipelines/${encodeURIComponent(name)}`
      const existing = await fetch(`${url}/api/v1${path}/config${query}`, { headers: { authorization } })
      const version = existing.headers.get('x-concourse-config-version')
      await send('PUT', `${path}/config${query}`, { body: yaml, headers: { 'content-type': 'application/x-yaml', ...(version !== null && { 'x-concourse-config-version': version }) } })
      if (!paused) await send('PUT', `${path}/unpause${query}`)
    },
    async trigger(pipeline, job, team = 'main') {
      const { id } = await api.call<{ id: number }>('POST', `/teams/${encodeURIComponent(team)}/pipelines/${encodeURIComponent(pipeline)}/jobs/${encodeURIComponent(job)}/builds`)
      return id
    },
    async events(build, until = 'event: end') {
      const events = await send('GET', `/builds/${build}/events`, { headers: { accept: 'text/event-stream' } })
      let text = ''
      for await (const chunk of events.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString()
        if (text.includes(until) || text.includes('event: end')) break
      }
      return text
    },
    async ended(build) {
      await api.events(build)
      return (await api.call<{ status: string }>('GET', `/builds/${build}`)).status
    },
  }
  return api
}

/** A job of one task on the fake runtime: `params` steer it (src/runtime/fake/script.ts). */
export const taskJob = (name: string, params: Readonly<Record<string, string>> = {}): string => `
- name: ${name}
  plan:
  - task: ${name}
    params: ${JSON.stringify(params)}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: registry.example/tools}}
      run: {path: sh}
`
