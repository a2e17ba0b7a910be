import { get } from 'node:http'

/** What came over one event stream. `over`: it ended well, which fly takes for the end of the build; `cut`: fly comes back. */
export interface Watched {
  readonly frames: { readonly id: number; readonly event: string; readonly data: string }[]
  readonly end: Promise<'over' | 'cut'>
  until(done: (frames: Watched['frames']) => boolean): Promise<void>
}

/** Reads a build's events as go-sse does. */
export function watch(url: string, { buildId, token, after }: { readonly buildId: number; readonly token: string; readonly after?: number }): Watched {
  const frames: Watched['frames'] = []
  let text = ''
  let wake = Promise.withResolvers<void>()
  const headers = { authorization: `Bearer ${token}`, ...(after !== undefined && { 'last-event-id': String(after) }) }
  const end = new Promise<'over' | 'cut'>((resolve) => {
    const asked = get(`${url}/api/v1/builds/${buildId}/events`, { headers, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (more: string) => {
        const parts = (text + more).split('\n\n')
        text = parts.pop() ?? ''
        for (const part of parts) {
          const found = /^id: (\d+)\nevent: (\w+)\ndata:? ?(.*)$/.exec(part)
          if (found !== null) frames.push({ id: Number(found[1]), event: found[2] ?? '', data: found[3] ?? '' })
        }
        wake.resolve()
        wake = Promise.withResolvers()
      })
      response.on('error', () => undefined)
      response.on('close', () => resolve(response.complete && response.statusCode === 200 ? 'over' : 'cut'))
    })
    asked.on('error', () => resolve('cut'))
  })
  let ended = false
  void end.then(() => {
    ended = true
    wake.resolve()
  })
  return {
    frames,
    end,
    async until(done) {
      while (!done(frames)) {
        if (ended) throw new Error(`the stream ended before: ${JSON.stringify(frames.slice(-3))}`)
        await wake.promise
      }
    },
  }
}
