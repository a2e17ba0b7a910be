import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Connection, drop } from './connection.ts'

test('the warning of a policy is told as UTF-8, without control characters; of a refusal its text counts', async () => {
  let status = 200
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'x-concourse-policy-check-warning': Buffer.from('policy check failed:   * träge 🐢\u009b1m').toString('latin1') }).end('{}')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const warnings: string[] = []
  const opened = await Connection.open({ api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, team: 'main' }, { onWarning: (text) => warnings.push(text) })
  if (!opened.ok) throw new Error(opened.error)
  try {
    for (status of [200, 403]) {
      const answer = await opened.value.send({ method: 'GET', path: '/api/v1/pipelines' })
      if (answer.ok) drop(answer.value.body)
    }
    expect(warnings).toEqual(['policy check failed:   * träge 🐢\uFFFD1m'])
  } finally {
    await opened.value.close()
    await new Promise((resolve) => void server.close(resolve))
  }
})
