import type { Container, InterceptedProcess } from '../contract.ts'

/** A shell script as the process of an intercept session. */
export const shell = (script: string, more: Partial<InterceptedProcess> = {}): InterceptedProcess => ({ path: 'sh', args: ['-c', script], env: [], ...more })

/** A session, and its output. */
export function enter(container: Container, process: InterceptedProcess, signal = new AbortController().signal) {
  const said = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  const session = container.intercept(process, {
    onOutput: (data, stream) => {
      said[stream] += Buffer.from(data).toString()
      for (const look of watchers) look()
    },
    signal,
  })
  return {
    ...session,
    said,
    type: (text: string, eof?: boolean) => session.write(Buffer.from(text), eof),
    until: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = (): void => (pattern.test(said.stdout) ? resolve() : undefined)
        watchers.add(look)
        void session.result.then((result) => reject(new Error(`it ended before ${String(pattern)} came: ${JSON.stringify([said, result])}`)))
        look()
      }),
  }
}
