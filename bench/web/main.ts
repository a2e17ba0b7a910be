import { table } from '../report.ts'
import { largeLog } from './large-log.ts'
import { openSession } from './session.ts'

const line = 'ok  \t\u001b[32mshop/package-%\u001b[0m\t(cached) of 200 000 packages of this shop'

const session = await openSession()
try {
  const api = await session.server.as('ana')
  const task = (name: string, params: Readonly<Record<string, string>>) => ({
    name,
    plan: [{ task: name, params, config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: 'registry.example/tools' } }, run: { path: 'sh' } } }],
  })
  await api.setPipeline('bench', JSON.stringify({ jobs: [task('large', { FAKE_STDOUT: line, FAKE_LINES: '200000', FAKE_SPLIT: '32768' })] }))
  await api.ended(await api.trigger('bench', 'large'))
  const text = Array.from({ length: 200_000 }, (_, index) => `${line.replace('%', String(index + 1))}\n`).join('')
  process.stdout.write(`${table(await largeLog(session, '/teams/main/pipelines/bench/jobs/large/builds/1', text))}\n`)
} finally {
  await session.close()
}
