import { createHash } from 'node:crypto'
import { containerMemory } from '../../model/memory-limit.ts'
import { supervisorEnvironment, type SupervisorSettings } from '../../model/supervisor-settings.ts'
import type { ContainerSpec } from '../contract.ts'
import type { CreateBody, EngineMount } from './engine/client.ts'
import { labelsOf } from './labels.ts'

/** Everything that is put into a container stands under this folder. */
const injected = '/tmp/.airside'
export const supervisorPath = `${injected}/bin/airside-supervisor`

/** Where the supervisor listens when frames run over exec; on the container's own loopback. */
export const listenAddress = '127.0.0.1:7077'

/** The range that engines accept. */
const [leastShares, mostShares] = [2, 262_144]
/** As much as any machine has; the number stays exact. */
const mostMemory = 2 ** 50

/**
 * Podman's words for a namespace whose users are others on the machine: none that it has, and so many that every image's fit. Podman chooses
 * nothing by `auto` when all are mapped, and so needs no /etc/subuid; the other modes of its Docker API cannot name a mapping.
 */
const [firstUser, users] = [2 ** 30, 2 ** 30]
const ownUsers = `auto:size=${users},uidmapping=0:${firstUser}:${users},gidmapping=0:${firstUser}:${users}`

const isLimit = (amount: number | undefined): amount is number => amount !== undefined && amount > 0

export interface BodyOptions {
  readonly installation: string
  readonly serverKey: string
  readonly supervisorSettings: SupervisorSettings
  /** As the engine knows the image: `repo@sha256:…`, or an image's id. */
  readonly image: string
  readonly transport:
    | { readonly kind: 'socket'; /** Host folder with the supervisor's binary. */ readonly binary: string; /** Host folder with this container's socket. */ readonly home: string }
    | { readonly kind: 'exec' }
  readonly selinux: boolean
  readonly swapLimit: boolean
  readonly ownUsers: boolean
}

/** The create call of a container. Pure: the same spec gives the same body. */
export function containerBody(spec: ContainerSpec, options: BodyOptions): CreateBody {
  const { transport } = options
  const { cpu } = spec.limits
  const memory = isLimit(spec.limits.memory) ? Math.min(containerMemory(Math.ceil(spec.limits.memory)), mostMemory) : undefined
  const mounts: readonly EngineMount[] =
    transport.kind === 'socket'
      ? [
          { Type: 'bind', Source: transport.binary, Target: `${injected}/bin`, ReadOnly: true },
          // A socket takes connections through a read-only mount; in a writable one a step's root could plant links for the server to follow.
          { Type: 'bind', Source: transport.home, Target: `${injected}/home`, ReadOnly: true },
        ]
      : []
  return {
    Image: options.image,
    Entrypoint: [supervisorPath],
    Cmd: [],
    Env: [
      `AIRSIDE_CONTAINER=${spec.handle}`,
      `AIRSIDE_SERVER_KEY=${options.serverKey}`,
      transport.kind === 'socket' ? `AIRSIDE_HOME=unix://${injected}/home/socket` : `AIRSIDE_LISTEN=${listenAddress}`,
      ...supervisorEnvironment(options.supervisorSettings).map(([name, value]) => `${name}=${value}`),
    ],
    Labels: labelsOf(spec, options.installation, specHash(spec, options.ownUsers), transport.kind),
    // The supervisor is root, whatever the image says: it chowns, and sets the step's user itself.
    User: '0:0',
    WorkingDir: '/',
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Mounts: mounts,
      CapDrop: spec.privileged ? [] : ['NET_RAW'],
      Privileged: spec.privileged,
      ...(options.ownUsers && !spec.privileged && { UsernsMode: ownUsers }),
      // Its own loopback is left: sockets of mounted folders and exec work without a network.
      ...(spec.hermetic === true && { NetworkMode: 'none' }),
      Init: false,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      // Mounts cannot be relabelled one by one, so the container goes without labels where SELinux is enforced.
      SecurityOpt: options.selinux && !spec.privileged ? ['label=disable'] : [],
      ...(memory === undefined ? {} : { Memory: memory, ...(options.swapLimit ? { MemorySwap: memory } : {}) }),
      ...(isLimit(cpu) ? { CpuShares: Math.min(Math.max(leastShares, Math.ceil(cpu)), mostShares) } : {}),
    },
  }
}

/** Says whether a container of this handle is the one that was asked for. Credentials and metadata make no other container. */
export function specHash(spec: ContainerSpec, ownUsers = false): string {
  const image = spec.image.kind === 'registry' ? spec.image.reference : spec.image.artifact.digest
  const facts = [image, spec.type, spec.privileged, spec.limits.cpu ?? null, spec.limits.memory ?? null, ...(spec.hermetic === true ? ['hermetic'] : []), ...(ownUsers && !spec.privileged ? ['own users'] : [])]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)
}
