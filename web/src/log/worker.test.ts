import { afterAll, expect, test } from 'vitest'
import type { FromWorker, ToWorker } from './protocol.ts'

type Scope = { onmessage?: (message: { data: ToWorker }) => void; postMessage?: (message: FromWorker) => void }
const scope = globalThis as unknown as Scope
const before = { ...('onmessage' in scope && { onmessage: scope.onmessage }), ...('postMessage' in scope && { postMessage: scope.postMessage }) } as Scope
afterAll(() => {
  delete scope.onmessage
  delete scope.postMessage
  Object.assign(scope, before)
})

test('a page is told of each step that it shows, also of one whose log is as long as that of the step before', async () => {
  let told: (step: string) => void = () => undefined
  scope.postMessage = (message) => {
    if (message.kind === 'state' && message.state.rows === 1) told(message.state.step)
  }
  const { promise: first, resolve } = Promise.withResolvers<string>()
  told = resolve
  await import('./worker.ts')
  const send = (data: ToWorker): void => scope.onmessage?.({ data })
  const event = (id: number, step: string): string => `id: ${id}\nevent: event\ndata: ${JSON.stringify({ event: 'log', version: '5.1', data: { origin: { id: step }, payload: `said by ${step}\n`, time: 1 } })}\n\n`
  send({ seq: 1, ask: { kind: 'view', step: 'one', width: 80 } })
  send({ bytes: new TextEncoder().encode(event(0, 'one') + event(1, 'two')) })
  expect(await first).toBe('one')
  const { promise: second, resolve: next } = Promise.withResolvers<string>()
  told = (step) => step === 'two' && next(step)
  send({ seq: 2, ask: { kind: 'view', step: 'two', width: 80 } })
  expect(await second).toBe('two')
})
