import { dockerHub, parseReference } from '../images/reference/reference.ts'
import type { Clock } from '../lib/clock.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { Rate } from '../lib/rate-limit.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { JsonObject } from '../model/json.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { CheckedResource } from './ports.ts'

/** After a pause as many checks of a registry begin at once as belong to this time. */
const burstSeconds = 5
const registriesKept = 10_000

/** The place of a check among those of its registry. */
export interface Place {
  readonly registry: string
  /** How long it is until its turn, in ms. */
  readonly waitMs: number
}

/** Spreads checks of registry images over time, so that a registry with thousands of them does not refuse this server. */
export class RegistryPace {
  readonly #configs: Pick<PipelineConfigs, 'ifReadable'>
  readonly #rate: Rate
  readonly #clock: Clock
  /** By registry: when the check after the last one has its turn, if none was early. */
  readonly #next = new KeptMap<string, number>(registriesKept)

  constructor(configs: Pick<PipelineConfigs, 'ifReadable'>, perSecond: number, clock: Clock) {
    this.#configs = configs
    this.#rate = { perSecond, burst: Math.max(1, perSecond * burstSeconds) }
    this.#clock = clock
  }

  /** Takes the next place. Undefined: the resource's check asks no registry. */
  async reserve({ name, pipelineId, configVersion }: CheckedResource): Promise<Place | undefined> {
    const config = await this.#configs.ifReadable({ id: pipelineId, configVersion })
    const registry = config && registryOf(config, name)
    if (registry === undefined) return undefined
    const { perSecond, burst } = this.#rate
    const now = this.#clock.now()
    const next = Math.max(this.#next.get(registry) ?? 0, now)
    this.#next.set(registry, next + 1000 / perSecond)
    return { registry, waitMs: Math.max(0, next - ((burst - 1) * 1000) / perSecond - now) }
  }
}

/**
 * The registry that a check of this resource asks, as far as the config says. Vars are not filled in: the same text is taken for the same
 * registry, which at worst makes two of one.
 */
export function registryOf({ resources = [], resource_types = [] }: PipelineConfig, name: string): string | undefined {
  const resource = resources.find((one) => one.name === name)
  if (resource?.type !== 'registry-image' || resource_types.some((type) => type.name === 'registry-image')) return undefined
  const source = resource.source ?? {}
  const mirror = (source['registry_mirror'] ?? undefined) as JsonObject | undefined
  if (typeof mirror?.['host'] === 'string') return hostOf(`${mirror['host']}/mirrored`)
  if (typeof source['aws_region'] === 'string') return `${JSON.stringify(source['aws_account_id'] ?? '')} ${source['aws_region']}`
  return typeof source['repository'] === 'string' ? hostOf(source['repository']) : undefined
}

function hostOf(repository: string): string {
  const parsed = parseReference(repository)
  if (parsed.ok) return parsed.value.registry
  const slash = repository.indexOf('/')
  return slash === -1 ? dockerHub : repository.slice(0, slash)
}
