import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { atMost } from '../../../lib/at-most.ts'
import { systemClock, type Clock } from '../../../lib/clock.ts'
import { withOverrides } from '../../../lib/with-overrides.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { engineClient, type EngineClient } from '../engine/client.ts'
import type { Environment } from './candidates.ts'
import { inspectMachine } from './machine.ts'
import { containersConf } from './podman-settings.ts'
import { waitForPath } from './wait-for-path.ts'

export interface PodmanService {
  readonly client: EngineClient
  stop(): Promise<void>
}

/** How long stopping waits for removals that are under way, ms: an interrupted one leaves an unusable container. */
const removalPatience = 120_000

/** Runs `podman system service` on a socket of our own, until `stop`. Containers outlive it: Podman has no daemon. */
export async function startPodmanService(program: string, env: Environment, clock: Clock = systemClock): Promise<Result<PodmanService, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-podman-'))
  const socket = join(folder, 'podman.sock')
  // Containers that outlive this service read these files when they end.
  const settings = join(env['XDG_CACHE_HOME'] || join(env['HOME'] ?? tmpdir(), '.cache'), 'airside/podman/containers.conf')
  const words = join(folder, 'stderr')
  const conf = containersConf(inspectMachine(env))
  await mkdir(dirname(settings), { recursive: true })
  if (conf !== undefined) await writeFile(settings, conf)

  const child = spawn('/bin/sh', ['-c', 'exec "$0" system service --time=0 "unix://$1" 2>"$2"', program, socket, words], {
    env: conf === undefined ? env : { ...env, ...settingsEnv(settings, env) },
    stdio: 'ignore',
    // Where memory runs out, conmon leaves a file `oom` in the folder that it was started in.
    cwd: dirname(settings),
    // A Ctrl-C at the terminal is ours to handle: containers are still to be removed through this service.
    detached: true,
  })
  child.unref()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`))
  })
  const { client, removed } = countingRemovals(engineClient({ kind: 'unix', path: socket }))
  const stop = async (): Promise<void> => {
    await atMost(clock, removalPatience, removed())
    await client.close()
    child.ref()
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }

  const over = new AbortController()
  void ended.then(() => over.abort())
  const early = await Promise.race([ended, answers(client, socket, AbortSignal.any([over.signal, AbortSignal.timeout(startTime)]))])
  if (early === undefined) return ok({ client, stop })
  const said = (await readFile(words, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' ')
  await stop()
  return fail(`podman system service: ${early}${said === '' ? '' : `: ${said}`}`)
}

/** The same client; `removed` resolves when no removal is under way. */
export function countingRemovals(inner: EngineClient): { readonly client: EngineClient; removed(): Promise<void> } {
  const under = new Set<Promise<unknown>>()
  return {
    client: withOverrides(inner, {
      remove(container) {
        const removal = inner.remove(container).finally(() => under.delete(removal))
        under.add(removal)
        return removal
      },
    }),
    async removed() {
      while (under.size > 0) await Promise.allSettled(under)
    },
  }
}

/** Newer Podmans add the override to the user's own settings; older ones know one file only, and the user's wins. */
function settingsEnv(settings: string, env: Environment): Environment {
  const own = [join(env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? '', '.config'), 'containers/containers.conf'), '/etc/containers/containers.conf']
  const alone = env['CONTAINERS_CONF'] === undefined && !own.some((path) => existsSync(path))
  return { CONTAINERS_CONF_OVERRIDE: env['CONTAINERS_CONF_OVERRIDE'] ?? settings, ...(alone ? { CONTAINERS_CONF: settings } : {}) }
}

const startTime = 30_000
/** The socket exists a moment before the service accepts calls. */
const pause = 50

async function answers(client: EngineClient, socket: string, signal: AbortSignal): Promise<string | undefined> {
  await waitForPath(socket, signal)
  while (!signal.aborted) {
    if ((await client.info(signal)).ok) return undefined
    await systemClock.sleep(pause, signal).catch(() => undefined)
  }
  return 'it does not answer'
}
