import { createServer, type Server } from 'node:http'
import type { Command } from 'commander'
import pino from 'pino'
import { artifactGraceMs, artifactCollection } from '../../retention/artifact-collection.ts'
import { artifactDatabases } from '../../app/artifact-databases.ts'
import { instanceNumbers } from '../../db/pglite/instance.ts'
import { openApp, type App } from '../../app/open-app.ts'
import type { AppOptions, RuntimeOptions } from '../../app/options.ts'
import { parseRegistryPrefix } from '../../images/artifact/destination.ts'
import { systemClock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { addRuntimeFlags, appOptions, type RuntimeFlags } from '../app-options.ts'
import { CommandError } from '../exit.ts'
import { passwordOf, secrets } from '../terminal.ts'

interface WebFlags extends RuntimeFlags {
  readonly bind: string
  readonly port: string
  readonly postgres?: string
}

export function addWebCommand(program: Command): void {
  const command = program
    .command('web')
    .summary('the long-running server: runs builds, and goes on with those that were left')
    .description(
      'Runs the builds of its database, those that a killed process left behind too. GET /health says how it is. Its public API is not\n' +
        'built yet. TERM or Ctrl-C lets go of the builds: they stay started, and the next server goes on with them.',
    )
    .option('--bind <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--port <PORT>', 'port to listen on', '8080')
    .option('--postgres <URL>', 'use this PostgreSQL instead of the embedded database; $AIRSIDE_POSTGRES', process.env['AIRSIDE_POSTGRES'])
  addRuntimeFlags(command)
    .addHelpText('after', '\nExamples:\n  airside web\n  airside web --postgres postgres://airside@db/airside --runtime kubernetes --supervisor-image REF')
    .action(async (flags: WebFlags) => {
      await web(flags)
    })
}

async function web(flags: WebFlags): Promise<void> {
  if (flags.postgres !== undefined) secrets.keep([passwordOf(flags.postgres)])
  const stderr = pino.destination(2)
  const log = pino({ name: 'airside' }, { write: (line: string) => stderr.write(secrets.redact(line)) })
  const given = appOptions(flags, log, (line) => log.info(line))
  const options: AppOptions = {
    ...given,
    runtime: withOwnRegistry(given.runtime, given.externalUrl),
    ...(flags.postgres !== undefined && { database: flags.postgres }),
  }
  const opened = await openApp(options, flags.postgres === undefined ? 0 : undefined)
  if (!opened.ok) throw new CommandError(opened.error)
  const apps = [opened.value, ...(flags.postgres === undefined ? await abandonedRuns(options) : [])]
  const health = await serveHealth(opened.value, apps, flags)
  log.info({ runtime: opened.value.runtime.description, databases: apps.length }, `listening on http://${flags.bind}:${flags.port}`)

  void proveImages(opened.value, log)
  const collection = artifactCollection({
    data: options.data,
    visit: artifactDatabases({ data: options.data, ...(options.encryptionKey !== undefined && { encryptionKey: options.encryptionKey }), own: apps, clock: systemClock }),
    graceMs: Math.max(artifactGraceMs, 2 * (options.supervisor?.keepSeconds ?? 0) * 1000),
    clock: systemClock,
    log,
  })
  void collection.start()
  const serving = apps.map((app) => app.engine.serve())
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  log.info('stopping: builds stay started, the next server goes on with them')
  health.close()
  health.closeAllConnections()
  await collection.stop()
  for (const app of apps) await app.close()
  await Promise.all(serving)
}

/** A server that nodes reach over https serves images that are artifacts itself, unless a registry is named for them. */
function withOwnRegistry(runtime: RuntimeOptions, externalUrl: string): RuntimeOptions {
  if (runtime.kind !== 'kubernetes' || runtime.imageRegistry !== undefined || !URL.canParse(externalUrl)) return runtime
  const { protocol, host, pathname } = new URL(externalUrl)
  const usable = protocol === 'https:' && pathname === '/' && parseRegistryPrefix(host).ok
  return usable ? { ...runtime, imageRegistry: { kind: 'own' as const, host } } : runtime
}

/** Says at the start whether nodes can pull what steps make; builds that need it wait for the answer, no other does. */
async function proveImages({ runtime }: App, log: Log): Promise<void> {
  try {
    const refused = await runtime.imageProof?.prove((line) => log.info({}, line))
    if (refused !== undefined) log.warn({}, `${refused}\nuntil then jobs with an image that is an artifact are refused`)
    else if (runtime.imageProof !== undefined) log.info({}, 'nodes can pull images that are artifacts')
  } catch (error) {
    log.debug({ error: messageOf(error) }, 'whether nodes can pull images that are artifacts was not found out')
  }
}

/** Databases of `airside run`s whose process is gone, and that still have a build to go on with. */
async function abandonedRuns(options: AppOptions): Promise<App[]> {
  const apps: App[] = []
  for (const number of await instanceNumbers(options.data)) {
    if (number === 0) continue
    const opened = await openApp(options, number)
    if (!opened.ok) continue // a living run has it
    const unfinished = await opened.value.stores.builds.list({ unfinished: true, limit: 1 })
    if (unfinished.length > 0) apps.push(opened.value)
    else await opened.value.close()
  }
  return apps
}

/** 200 while the database answers, else 503; both with a reason in JSON. */
async function serveHealth(app: App, apps: readonly App[], { bind, port }: WebFlags): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    }
    if (request.url?.startsWith('/v2/')) {
      const registries = apps.map(({ runtime }) => runtime.registry).filter((registry) => registry !== undefined)
      const registry = registries.find((one) => one.allows(request)) ?? registries[0]
      if (registry !== undefined) return void registry.handle(request, response).catch(() => response.destroy())
    }
    if (request.method !== 'GET' || request.url !== '/health') return answer(404, { errors: [{ detail: 'not found' }] })
    app.stores.db.query('select 1').then(
      () => answer(200, { status: 'ok', runtime: app.runtime.description }),
      () => answer(503, { status: 'unavailable', database: 'does not answer' }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CommandError(error.code === 'EADDRINUSE' ? `port ${port} on ${bind} is taken; choose another with --port` : error.message))
    })
    server.listen(Number(port), bind, resolve)
  })
  return server
}
