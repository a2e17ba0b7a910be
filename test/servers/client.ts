import type { Servers } from './servers.ts'

/** An admin of a server. */
export class Client {
  readonly url: string
  readonly token: string

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  static async to(url: string, servers: Servers): Promise<Client> {
    return new Client(url, await servers.token(url))
  }

  async call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<unknown> {
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${this.token}`, ...headers }, ...(body !== undefined && { body }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Sets pipeline p of team main, and lets it run. */
  async setPipeline(yaml: string): Promise<void> {
    await this.call('PUT', '/teams/main/pipelines/p/config', yaml, { 'content-type': 'application/x-yaml' })
    await this.call('PUT', '/teams/main/pipelines/p/unpause')
  }

  async trigger(job: string): Promise<number> {
    return ((await this.call('POST', `/teams/main/pipelines/p/jobs/${job}/builds`)) as { id: number }).id
  }
}
