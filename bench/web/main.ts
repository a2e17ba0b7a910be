import { table } from '../report.ts'
import { dashboard } from './dashboard.ts'
import { graphs } from './graphs.ts'
import { largeLog } from './large-log.ts'
import { runningLog } from './running-log.ts'
import { openSession } from './session.ts'

const line = 'ok  \t\u001b[32mshop/package-%\u001b[0m\t(cached) of 200 000 packages of this shop'
const large = 200_000

process.stdout.write(`${table(graphs())}\n`)
const session = await openSession()
try {
  const api = await session.server.as('ana')
  /** Starts a build of a pipeline of its own, whose one task prints so many lines. */
  const printing = async (name: string, params: Readonly<Record<string, string>>): Promise<number> => {
    const task = { task: name, params, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: 'sh' } } }
    await api.setPipeline(name, JSON.stringify({ jobs: [{ name, plan: [task] }] }))
    return api.trigger(name, name)
  }
  const id = await printing('large', { FAKE_STDOUT: line, FAKE_LINES: String(large), FAKE_SPLIT: '32768' })
  await api.ended(id)
  const text = Array.from({ length: large }, (_, index) => `${line.replace('%', String(index + 1))}\n`).join('')
  process.stdout.write(`${table(await largeLog(session, `/builds/${id}`, text))}\n`)
  const records = (name: string, lines: number, bytes: number): Promise<number> => printing(name, { FAKE_STDOUT: line, FAKE_LINES: String(lines), FAKE_SPLIT: String(bytes), FAKE_PACE: name })
  process.stdout.write(`${table(await runningLog(session, 'running', { line, records }))}\n`)
  // The last, since its pipelines would be in the way of the others.
  process.stdout.write(`${table(await dashboard(session))}\n`)
} finally {
  await session.close()
}
