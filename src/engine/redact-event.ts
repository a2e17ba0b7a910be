import { visible } from '../lib/visible.ts'
import type { BuildEvent } from '../model/event.ts'
import type { Json } from '../model/json.ts'
import type { Redactor } from '../lib/redactor.ts'

/**
 * An event without the secrets that its texts may hold. Lines and errors of our own quote images, registries and policies: no control
 * sequence of theirs reaches a terminal.
 */
export function redactEvent(redactor: Redactor, event: BuildEvent): BuildEvent {
  const redact = (text: string) => redactor.redact(text)
  switch (event.type) {
    case 'error':
      return { ...event, data: { ...event.data, message: visible(redact(event.data.message)) } }
    case 'log':
      return { ...event, data: { ...event.data, payload: visible(redact(event.data.payload)) } }
    case 'initialize-check':
      return { ...event, data: { ...event.data, name: redact(event.data.name) } }
    case 'initialize-task':
    case 'start-task': {
      const { config } = event.data
      const run = { path: redact(config.run.path), args: config.run.args.map(redact), dir: redact(config.run.dir) }
      const inputs = config.inputs.map(({ name, path }) => ({ name: redact(name), path: redact(path) }))
      return { ...event, data: { ...event.data, config: { ...config, image: redact(config.image), run, inputs } } }
    }
    case 'finish-get':
    case 'finish-put': {
      const metadata = event.data.metadata?.map(({ name, value }) => ({ name, value: redact(value) })) ?? null
      return { ...event, data: { ...event.data, metadata } }
    }
    case 'image-check':
    case 'image-get':
      return { ...event, data: { ...event.data, plan: redactJson(redact, event.data.plan) } }
    case 'across-substeps': {
      const substeps = event.data.substeps.map(({ step, values }) => ({ step: redactJson(redact, step), values: values.map((value) => redactValue(redact, value)) }))
      return { ...event, data: { ...event.data, substeps } }
    }
    case 'status':
    case 'finish-task':
    case 'initialize-get':
    case 'start-get':
    case 'initialize-put':
    case 'start-put':
    case 'set-pipeline-changed':
    case 'initialize':
    case 'start':
    case 'finish':
    case 'waiting-for-worker':
    case 'selected-worker':
      return event
  }
}

/** Texts only: names of fields are ours. */
export function redactJson(redact: (text: string) => string, value: Json): Json {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => redactJson(redact, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactJson(redact, item)]))
}

/** As redactJson, and with what comes from outside besides texts: names of fields, and numbers, whose digits may be a secret. */
function redactValue(redact: (text: string) => string, value: Json): Json {
  if (typeof value === 'string') return redact(value)
  if (typeof value === 'number') return redact(String(value)) === String(value) ? value : redact(String(value))
  if (Array.isArray(value)) return value.map((item) => redactValue(redact, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), redactValue(redact, item)]))
}
