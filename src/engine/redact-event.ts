import type { BuildEvent } from '../model/event.ts'
import type { Redactor } from './redactor.ts'

/** An event without the secrets that its texts may hold. Log payloads are redacted where lines are put together. */
export function redactEvent(redactor: Redactor, event: BuildEvent): BuildEvent {
  const redact = (text: string) => redactor.redact(text)
  switch (event.type) {
    case 'error':
      return { ...event, data: { ...event.data, message: redact(event.data.message) } }
    case 'initialize-task':
    case 'start-task': {
      const { config } = event.data
      const run = { path: redact(config.run.path), args: config.run.args.map(redact), dir: redact(config.run.dir) }
      return { ...event, data: { ...event.data, config: { ...config, run } } }
    }
    case 'finish-get':
    case 'finish-put': {
      const metadata = event.data.metadata?.map(({ name, value }) => ({ name, value: redact(value) })) ?? null
      return { ...event, data: { ...event.data, metadata } }
    }
    case 'status':
    case 'log':
    case 'initialize-check':
    case 'finish-task':
    case 'initialize-get':
    case 'start-get':
    case 'initialize-put':
    case 'start-put':
    case 'image-check':
    case 'image-get':
    case 'initialize':
    case 'start':
    case 'finish':
    case 'waiting-for-worker':
    case 'selected-worker':
      return event
  }
}
