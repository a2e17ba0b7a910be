import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import pino from 'pino'
import { packageRoot } from '../../app/folders.ts'
import { codeOf } from '../../lib/errors.ts'
import { trustLoopback } from '../demo/trust-loopback.ts'
import { CommandError } from '../exit.ts'
import { addSettings } from '../settings/settings-of.ts'
import { setDemoPipeline } from '../start/demo-pipeline.ts'
import { serveDemoImages, type DemoImages } from '../start/demo-registry.ts'
import { firstThings } from '../start/first-things.ts'
import { plainLog } from '../start/plain-log.ts'
import { startWeb, webSettings, type WebSettings } from '../start/start-web.ts'
import { terminal } from '../terminal.ts'

const username = 'admin'

export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .summary('the server with a pipeline to try, for the first minute')
    .description(
      'Runs the server as airside web does, with the same settings, on the container engine of this machine. Sets the pipeline demo where there is none, serves its ' +
        'images, and prints the address, the login and what to try. Shows only warnings of its log. Ctrl-C ends it, and the next start goes on with what is there.',
    )
    .addHelpText('after', '\nExamples:\n  npm start\n  npm start -- --port 8081')
    .action(async () => start(command))
  addSettings(command, 'web')
}

async function start(command: Command): Promise<void> {
  const log = pino({ level: 'warn' }, { write: (line: string) => terminal.say(plainLog(line)) })
  const given = webSettings(command, log)
  if (given.runtime === 'kubernetes') throw new CommandError("the nodes of a cluster cannot pull the demo's images from this process; run airside web: docs/operate-on-kubernetes.md")
  const local = localUrl(given)
  const settings = { ...given, externalUrl: given.externalUrl ?? local }
  const images = await demoImages(settings)
  try {
    const server = await startWeb(settings, log, terminal.say)
    const login = await adminLogin(settings.data)
    const demo = images !== undefined && login !== undefined && (await prepareDemo(local, login, images))
    terminal.line(firstThings({ url: settings.externalUrl, runtime: server.runtime, ...(login && { login }), airside: join(relative(process.cwd(), packageRoot), 'bin', 'airside'), demo }))
    await server.untilStopped()
  } finally {
    await images?.stop()
  }
}

/** What a browser and steps reach it by; of all addresses, the loopback one. */
function localUrl({ bind, port }: WebSettings): string {
  if (port === 0) throw new CommandError('--port 0 has no address that could be told before; name a port')
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The server is of use without them. */
async function demoImages({ data }: WebSettings): Promise<DemoImages | undefined> {
  try {
    const folder = join(data, 'demo-images')
    const images = await serveDemoImages(folder)
    await trustLoopback(folder)
    return images
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    terminal.say(`the pipeline demo is not set: ${error.message}`)
    return undefined
  }
}

async function adminLogin(data: string): Promise<{ username: string; password: string; file: string } | undefined> {
  const file = join(data, 'admin-password')
  try {
    return { username, password: (await readFile(file, 'utf8')).trim(), file }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function prepareDemo(url: string, login: { username: string; password: string }, images: DemoImages): Promise<boolean> {
  const set = await setDemoPipeline({ url, ...login }, images)
  if (set.ok) await images.remember()
  else terminal.say(`the pipeline demo is not set: ${set.error}`)
  return set.ok
}
