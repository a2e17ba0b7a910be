import { existsSync } from 'node:fs'
import { describeAddress } from '../engine/address.ts'
import { engineClient, type EngineClient } from '../engine/client.ts'
import type { EngineInfo } from '../engine/shapes.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { engineCandidates, type Environment } from './candidates.ts'
import { findProgram } from './machine.ts'
import { startPodmanService } from './podman-service.ts'

/** An engine that answers. */
export interface Engine {
  readonly client: EngineClient
  readonly info: EngineInfo
  /** Who named it: `DOCKER_HOST`, a docker context, a socket's path, `podman system service`. */
  readonly named: string
  /** Closes connections, and ends the service if we started one. */
  stop(): Promise<void>
}

export interface NoEngine {
  readonly kind: 'no-engine'
  /** What was tried, and what to install with which one command. */
  readonly message: string
}

/** Longest time an engine's socket may take to answer; a dead one must not hold the others up. */
const answerTime = 10_000
/** The same where no other engine comes into question: a busy Podman answers after tens of seconds. */
const chosenAnswerTime = 60_000

/**
 * The engine to run containers with. An engine counts only if its socket answers; if none does and Podman is installed,
 * its service is started on a socket of our own.
 */
export async function findEngine(env: Environment, uid = process.getuid?.() ?? 1000): Promise<Result<Engine, NoEngine>> {
  const candidates = engineCandidates(env, uid)
  if (candidates.problem !== undefined) return fail({ kind: 'no-engine', message: candidates.problem })

  const silent: string[] = []
  for (const candidate of candidates.list) {
    if (candidate.address.kind === 'unix' && !candidate.chosen && !existsSync(candidate.address.path)) continue
    const client = engineClient(candidate.address)
    const info = await client.info(AbortSignal.timeout(candidate.chosen ? chosenAnswerTime : answerTime))
    if (info.ok) return ok({ client, info: info.value, named: candidate.named, stop: () => client.close() })
    await client.close()
    const words = `${candidate.named} (${describeAddress(candidate.address)}): ${info.error.message}`
    if (candidate.chosen) return fail({ kind: 'no-engine', message: `the chosen container engine does not answer. ${words}` })
    silent.push(words)
  }

  const podman = findProgram('podman', env)
  if (podman !== undefined) {
    const service = await startPodmanService(podman, env)
    if (service.ok) {
      const { client } = service.value
      const stop = (): Promise<void> => service.value.stop()
      const info = await client.info()
      if (info.ok) return ok({ client, info: info.value, named: 'podman system service', stop })
      await stop()
      silent.push(info.error.message)
    } else silent.push(service.error)
  }
  const tried = silent.length === 0 ? '' : `\ntried: ${silent.join('\n       ')}`
  return fail({ kind: 'no-engine', message: `no container engine answers: neither Docker nor Podman.\n${installHint()}${tried}` })
}

function installHint(): string {
  if (process.platform === 'darwin') return 'install one with: brew install colima docker && colima start'
  const managers = [
    ['apt-get', 'sudo apt-get install -y --no-install-recommends podman'],
    ['dnf', 'sudo dnf install -y podman'],
    ['zypper', 'sudo zypper install -y podman'],
    ['pacman', 'sudo pacman -S --noconfirm podman'],
    ['apk', 'sudo apk add podman'],
  ] as const
  const manager = managers.find(([program]) => findProgram(program, { PATH: '/usr/bin:/sbin' }) !== undefined)
  return manager === undefined ? 'install Docker or Podman' : `install Podman with: ${manager[1]}`
}
