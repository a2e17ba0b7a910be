import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from '../../../lib/bounded.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import type { EngineError } from './errors.ts'

/** What is read of the engine's answers, and under which names. */
export interface EngineInfo {
  readonly engine: 'docker' | 'podman'
  readonly version: string
  /** Host's name as the engine knows it. */
  readonly host: string
  /** In the words of images: `amd64`, `arm64`. */
  readonly architecture: string
  readonly operatingSystem: string
  readonly selinux: boolean
  /** Memory without swap can be limited. */
  readonly swapLimit: boolean
  readonly containerUsers: ContainerUsers
  /** Registries that the engine's operator has it speak to without verified TLS: hosts as people write them, and networks (`10.0.0.0/8`). */
  readonly insecureRegistries?: readonly string[]
}

/**
 * Who root of a container is on the machine. `own`: nobody, where the create call asks for users of its own (Podman as root, where a mount shifts
 * an image's owners). `mapped`: another user, by the engine's own settings. `machine`: root.
 */
export type ContainerUsers = 'own' | 'mapped' | 'machine'

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface Inspection {
  readonly id: string
  readonly state: ContainerState
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly labels: Readonly<Record<string, string>>
}

export interface Summary {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  readonly labels: Readonly<Record<string, string>>
}

export interface EngineEvent {
  readonly action: 'start' | 'die' | 'oom' | 'removed'
  readonly id: string
  readonly name: string
  readonly exitCode?: number
}

const text = boundedString(64 * 1024)
/** Containers of one installation in one answer. */
const containersLimit = 100_000

/** Only the labels that we set: a container has those of its image too, which may be of any number and length. */
const labels = z.unknown().transform((value): Readonly<Record<string, string>> => {
  if (typeof value !== 'object' || value === null) return {}
  const ours: Record<string, string> = {}
  for (const [name, label] of Object.entries(value)) if (name.startsWith(labelPrefix) && typeof label === 'string' && label.length <= labelLimit) ours[name] = label
  return ours
})
const labelPrefix = 'airside.'
const labelLimit = 64 * 1024

// Podman has states of its own; what it calls configured and initialized has not started.
const state = text.transform((value): ContainerState => {
  switch (value.toLowerCase()) {
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'exited':
    case 'dead':
      return value.toLowerCase() as ContainerState
    case 'stopped':
    case 'stopping':
      return 'exited'
    default:
      return 'created'
  }
})

const registries = z.object({
  IndexConfigs: boundedRecord(text, z.object({ Secure: z.boolean().default(true) }), 10_000).nullish(),
  InsecureRegistryCIDRs: boundedArray(text, 1000).nullish(),
})

const info = z
  .object({
    ServerVersion: text.default('?'),
    Name: text.default(''),
    Architecture: text.default(''),
    OperatingSystem: text.default(''),
    KernelVersion: text.default(''),
    SecurityOptions: boundedArray(text, 1000).nullish(),
    SwapLimit: z.boolean().default(true),
    BuildahVersion: text.optional(),
    RegistryConfig: registries.nullish().catch(null), // Podman leaves it empty: it has a file of its own
  })
  .transform(
    (value): EngineInfo => ({
      engine: value.BuildahVersion === undefined ? 'docker' : 'podman',
      version: value.ServerVersion,
      host: value.Name,
      architecture: architectureNames[value.Architecture] ?? value.Architecture,
      operatingSystem: value.OperatingSystem,
      selinux: hasSecurity(value.SecurityOptions, 'selinux'),
      swapLimit: value.SwapLimit,
      containerUsers: containerUsers(value),
      insecureRegistries: [
        ...Object.entries(value.RegistryConfig?.IndexConfigs ?? {}).flatMap(([host, { Secure }]) => (Secure ? [] : [host])),
        ...(value.RegistryConfig?.InsecureRegistryCIDRs ?? []),
      ],
    }),
  )

interface UserFacts {
  readonly BuildahVersion?: string | undefined
  readonly ServerVersion: string
  readonly KernelVersion: string
  readonly SecurityOptions?: readonly string[] | null | undefined
}

function containerUsers({ BuildahVersion, ServerVersion, KernelVersion, SecurityOptions }: UserFacts): ContainerUsers {
  // Docker's words for userns-remap, and everybody's for an engine that is not root itself.
  if (hasSecurity(SecurityOptions, 'userns') || hasSecurity(SecurityOptions, 'rootless')) return 'mapped'
  // Older kernels mount no overlay with shifted owners: Podman would copy each image.
  return BuildahVersion !== undefined && atLeast(ServerVersion, 4, 3) && atLeast(KernelVersion, 5, 19) ? 'own' : 'machine'
}

const hasSecurity = (options: readonly string[] | null | undefined, name: string): boolean => options?.some((option) => option.includes(`name=${name}`)) === true

function atLeast(version: string, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return Number(first) > major || (Number(first) === major && Number(second) >= minor)
}

const architectureNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

const inspection = z
  .object({
    Id: text,
    State: z.object({ Status: state, ExitCode: z.number().default(0), OOMKilled: z.boolean().default(false) }),
    Config: z.object({ Labels: labels }),
  })
  .transform(
    (value): Inspection => ({
      id: value.Id,
      state: value.State.Status,
      exitCode: value.State.ExitCode,
      oomKilled: value.State.OOMKilled,
      labels: value.Config.Labels,
    }),
  )

const summaries = boundedArray(
  z
    .object({ Id: text, Names: boundedArray(text, 1000).nullish(), State: state, Labels: labels })
    .transform((value): Summary => ({ id: value.Id, name: (value.Names?.[0] ?? '').replace(/^\//, ''), state: value.State, labels: value.Labels })),
  containersLimit,
)

const event = z.object({
  Action: text.optional(),
  status: text.optional(),
  // The labels of the container stand here too.
  Actor: z.object({ ID: text, Attributes: z.object({ name: text.optional(), exitCode: text.optional() }).nullish() }),
})

export const readInfo = reader(info)
export const readInspection = reader(inspection)
export const readSummaries = reader(summaries)

/** Undefined for events that are not used. */
export function readEvent(value: unknown): EngineEvent | undefined {
  const parsed = event.safeParse(value)
  if (!parsed.success) return undefined
  const action = actions[parsed.data.Action ?? parsed.data.status ?? '']
  if (action === undefined) return undefined
  const attributes = parsed.data.Actor.Attributes ?? {}
  const exitCode = Number(attributes.exitCode ?? Number.NaN)
  return { action, id: parsed.data.Actor.ID, name: attributes.name ?? '', ...(Number.isNaN(exitCode) ? {} : { exitCode }) }
}

// Docker says destroy, Podman remove.
const actions: Readonly<Record<string, EngineEvent['action'] | undefined>> = {
  start: 'start',
  die: 'die',
  oom: 'oom',
  destroy: 'removed',
  remove: 'removed',
}

function reader<T>(shape: z.ZodType<T>): (text: string) => Result<T, EngineError> {
  return (text) => {
    try {
      const parsed = shape.safeParse(JSON.parse(text))
      if (parsed.success) return ok(parsed.data)
      return fail({ kind: 'refused', status: 200, message: `the engine's answer is not understood: ${z.prettifyError(parsed.error)}` })
    } catch {
      return fail({ kind: 'refused', status: 200, message: 'the engine answered with something that is no JSON' })
    }
  }
}
