import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { API_URL } from './control-plane.ts'

/** The few questions that starting a cluster asks of its API server, as administrator. */
export interface Api {
  /** The JSON of an object; undefined when it is not there, or nobody answers yet. */
  get(path: string): Promise<unknown>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

export async function openApi(dir: string, token: string): Promise<Api> {
  const ca = await readFile(join(dir, 'pki', 'apiserver.crt'), 'utf8')
  const dispatcher = new Agent({ connect: { ca } })
  const ask = (path: string) => fetch(`${API_URL}${path}`, { dispatcher, headers: { authorization: `Bearer ${token}` } })
  return {
    get: async (path) => {
      const answer = await ask(path)
      const text = await answer.text()
      return answer.ok ? JSON.parse(text) : undefined
    },
    isReady: async () => {
      const answer = await ask('/readyz').catch(() => undefined)
      await answer?.text()
      return answer?.ok ?? false
    },
    close: () => dispatcher.close(),
  }
}
