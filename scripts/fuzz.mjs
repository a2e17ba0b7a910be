#!/usr/bin/env node
// npm run fuzz [-- OPTION…]: sets up what is missing, then has schemathesis ask a server by docs/openapi.json for two minutes. An answer of 500, or one
// that is not as the document says, is a failure. What is given is handed on to `st run`: --seed, --include-operation-id, …
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureSchemathesis } from './lib/schemathesis.mjs'
import { ensureEngine, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance']
/** What is there on the server, so that not every request ends at a 404. */
const known = { team_name: ['main'], pipeline_name: ['p'], job_name: ['j'], resource_name: ['r'], build_id: ['1', '2'], build_name: ['1', '2'], resource_config_version_id: ['1'], worker_name: ['docker'], step_name: ['t'] }
/** They end what the others ask for, or the fuzzer's own access: names that are not there are good enough. */
const destructive = new Set(['DestroyTeam', 'RenameTeam', 'SetTeam', 'DeletePipeline', 'RenamePipeline', 'ArchivePipeline', 'SaveConfig'])
/** Streams have no end. */
const endless = ['BuildEvents', 'Watch', 'HijackContainer']
/** What Concourse's workers ask for is answered 501, as the document says; to schemathesis that is a failure of the server. */
const notHere = ['RegisterWorker', 'HeartbeatWorker', 'DeleteWorker', 'ListDestroyingContainers', 'ReportWorkerContainers', 'ListDestroyingVolumes', 'ReportWorkerVolumes']
const pipeline = `
resources: [{name: r, type: time, source: {interval: 1h}}]
jobs:
- name: j
  plan:
  - get: r
  - {task: t, config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: "true"}}}
`

/** The document with the names of what is there. */
function withKnown(document) {
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) {
      if (destructive.has(operation.operationId)) continue
      for (const parameter of operation.parameters) {
        if (parameter.in === 'path' && known[parameter.name] !== undefined) parameter.schema = { anyOf: [{ enum: known[parameter.name] }, { enum: known[parameter.name] }, { type: 'string' }] }
      }
    }
  }
  return document
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

async function startServer(folder, url, port) {
  const child = spawn(join(root, 'bin', 'airside'), ['web', '--data', folder, '--port', String(port), '--external-url', url], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const listening = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text
      if (said.includes('listening on')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)))
  })
  await listening
  return { stop: () => new Promise((resolve) => (child.once('exit', resolve), child.kill('SIGTERM'))), errors: () => said.split('\n').filter((line) => line.includes('"level":50')) }
}

async function prepare(url, folder) {
  const password = (await readFile(join(folder, 'admin-password'), 'utf8')).trim()
  const granted = await fetch(`${url}/sky/issuer/token`, { method: 'POST', headers: { authorization: `Basic ${btoa('fly:Zmx5')}` }, body: new URLSearchParams({ grant_type: 'password', username: 'admin', password }) })
  const authorization = `Bearer ${(await granted.json()).access_token}`
  const ask = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1/teams/main/pipelines/p${path}`, { method, headers: { authorization, ...(body && { 'content-type': 'application/x-yaml' }) }, body })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
  await ask('PUT', '/config', pipeline)
  await ask('PUT', '/unpause')
  for (let build = 0; build < 2; build += 1) await ask('POST', '/jobs/j/builds')
  return authorization
}

try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  await ensureEngine(log)
  const st = await ensureSchemathesis(log)
  const folder = await mkdtemp(join(tmpdir(), 'airside-fuzz-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await startServer(join(folder, 'data'), url, port)
  try {
    const authorization = await prepare(url, join(folder, 'data'))
    const document = join(folder, 'openapi.json')
    await writeFile(document, JSON.stringify(withKnown(JSON.parse(await readFile(join(root, 'docs', 'openapi.json'), 'utf8')))))
    const { status } = spawnSync(st, [
      'run', document, '--url', url, '-H', `Authorization: ${authorization}`, '--checks', checks.join(','), '--phases', 'examples,coverage,fuzzing', '--max-time', '120', '--rate-limit', '45/s',
      '--request-timeout', '20', '--continue-on-failure', '--warnings', 'off', '--suppress-health-check', 'all', '--no-shrink',
      ...[...endless, ...notHere].flatMap((name) => ['--exclude-operation-id', name]), ...process.argv.slice(2),
    ], { stdio: 'inherit', cwd: folder })
    const errors = server.errors()
    for (const line of errors.slice(0, 20)) log(line)
    process.exitCode = status === 0 && errors.length === 0 ? 0 : 1
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
