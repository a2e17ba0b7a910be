import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../lib/log.ts'
import { describeAddress } from './engine/address.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineInfo } from './engine/shapes.ts'

/** What the operator says: take them where the engine has them, run no step without, or do without. */
export type UserNamespaces = 'auto' | 'required' | 'off'

/** What a trial of the engine showed: that it starts a container with users of its own, that it starts only others, or neither. */
export type Trial = { readonly kind: 'possible' | 'unclear' } | { readonly kind: 'impossible'; readonly message: string }

/** Whether containers of steps ask for users of their own. */
export interface OwnUsers {
  readonly asked: boolean
  /** A container with users of its own has reported in. */
  proven(): Promise<void>
  /** A container with users of its own was refused. Whether another is made without them; where it says why, the refusal is that. */
  refused(): Promise<'without' | 'refusal' | { readonly why: string }>
  /** Warns, or finds out what is demanded: the problem, where it is not so. */
  start(): Promise<string | undefined>
}

export interface OwnUsersOptions {
  readonly wanted: UserNamespaces
  readonly client: Pick<EngineClient, 'address'>
  readonly info: EngineInfo
  /** Folder that keeps which engines have started such containers. */
  readonly data: string
  readonly trial: () => Promise<Trial>
  readonly log: Log
}

const rootIsRoot = 'root in a step is root on this machine, as far as the container engine allows it'
const advice = "set `userns-remap` in Docker's configuration, or use Podman 4.3 or newer as root on Linux 5.19 or newer"
const look = 'look at `sysctl user.max_user_namespaces` and at the log of the engine'

export function createOwnUsers({ wanted, client, info, data, trial, log }: OwnUsersOptions): OwnUsers {
  const file = join(data, 'engines-with-user-namespaces')
  const line = `${describeAddress(client.address)} ${info.host}`
  const engine = `${info.engine === 'podman' ? 'Podman' : 'Docker'} ${info.version}`
  let asked = wanted !== 'off' && info.containerUsers === 'own'
  // A step can use up the machine's namespaces: what an engine could do once is not given up because it fails now.
  let seen = asked && isListed(file, line)
  let provenHere = false
  let trying: Promise<Trial> | undefined

  const remember = async (): Promise<void> => {
    if (seen) return
    seen = true
    await appendFile(file, `${line}\n`)
  }
  /** One trial at a time; one that showed nothing is made again. */
  const find = async (): Promise<Trial> => {
    const result = await (trying ??= trial().catch(() => ({ kind: 'unclear' })))
    if (result.kind !== 'impossible') trying = undefined
    if (result.kind === 'possible') await remember()
    return result
  }
  const without = (message: string): string => `${engine} starts no container in a user namespace (${message})`

  return {
    get asked() {
      return asked
    },
    async proven() {
      provenHere = true
      await remember()
    },
    async refused() {
      if (provenHere) return 'refusal'
      const result = await find()
      if (result.kind !== 'impossible') return 'refusal'
      if (wanted === 'required') return { why: `${without(result.message)}, and --user-namespaces is required: ${look}` }
      if (seen) return { why: `${without(result.message)}, which it did before: ${look}. --user-namespaces=off runs steps without; ${rootIsRoot} then` }
      if (asked) log.warn({}, `${rootIsRoot}: ${without(result.message)}. To have user namespaces, ${look}, and start this server again; --user-namespaces=required runs no step without`)
      asked = false
      return 'without'
    },
    async start() {
      if (info.containerUsers === 'mapped') return undefined
      switch (wanted) {
        case 'off':
          log.warn({}, `${rootIsRoot}: --user-namespaces is off`)
          return undefined
        case 'auto':
          if (!asked) log.warn({}, `${rootIsRoot}: ${engine} gives containers no user namespace. To have them, ${advice}; --user-namespaces=required runs no step without`)
          return undefined
        case 'required': {
          if (!asked) return `--user-namespaces is required, and ${engine} gives containers none: ${advice}`
          const result = await find()
          return result.kind === 'impossible' ? `--user-namespaces is required, and ${without(result.message)}: ${look}` : undefined
        }
      }
    },
  }
}

function isListed(file: string, line: string): boolean {
  try {
    return readFileSync(file, 'utf8').split('\n').includes(line)
  } catch {
    return false
  }
}
