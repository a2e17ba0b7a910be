import { parsePipeline } from '../config/parse-pipeline.ts'
import { SizedCache } from '../lib/sized-cache.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { UnreadableConfig, type PipelineStore } from './ports.ts'

/** Of the configs' JSON; what is decoded of it takes a few times as much. */
const keptBytes = 16 * 1024 * 1024
/** Of an entry, whatever it holds. */
const leastBytes = 512

interface ReadConfig {
  readonly config: PipelineConfig
  readonly bytes: number
}

/** Configs of pipelines, read and decoded once a version. */
export class PipelineConfigs {
  readonly #store: Pick<PipelineStore, 'config'>
  readonly #kept: SizedCache<string, PipelineConfig>
  readonly #reading = new Map<string, Promise<PipelineConfig | undefined>>()

  constructor(store: Pick<PipelineStore, 'config'>, bytes = keptBytes) {
    this.#store = store
    this.#kept = new SizedCache(bytes)
  }

  /** Undefined: the pipeline is archived, or was set anew or deleted meanwhile. Rejects with UnreadableConfig. */
  of({ id, configVersion }: Pick<Pipeline, 'id' | 'configVersion'>): Promise<PipelineConfig | undefined> {
    if (configVersion === undefined) return Promise.resolve(undefined)
    const key = `${id}:${configVersion}`
    const known = this.#kept.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const reading = this.#reading.get(key) ?? this.#keep(key, this.#read(id, configVersion))
    this.#reading.set(key, reading)
    return reading
  }

  /** Undefined, too, where the config cannot be read: what is shown of many pipelines leaves out what only the config says. */
  ifReadable(pipeline: Pick<Pipeline, 'id' | 'configVersion'>): Promise<PipelineConfig | undefined> {
    return unlessUnreadable(this.of(pipeline), () => undefined)
  }

  /** What failed, or is not there, is asked for again. */
  async #keep(key: string, reading: Promise<ReadConfig | undefined>): Promise<PipelineConfig | undefined> {
    try {
      const read = await reading
      if (read !== undefined) this.#kept.set(key, read.config, leastBytes + read.bytes)
      return read?.config
    } finally {
      this.#reading.delete(key)
    }
  }

  async #read(id: number, version: number): Promise<ReadConfig | undefined> {
    const stored = await this.#store.config(id, version)
    if (stored === undefined) return undefined
    const text = JSON.stringify(stored)
    const { config, findings } = parsePipeline(text, { file: 'config' })
    if (config === undefined) throw new UnreadableConfig(id, findings[0]?.message ?? 'it is not valid')
    return { config, bytes: text.length }
  }
}

/** The work, or `otherwise` where a config cannot be read. */
export async function unlessUnreadable<T, U>(work: Promise<T>, otherwise: (error: UnreadableConfig) => U): Promise<T | U> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UnreadableConfig) return otherwise(error)
    throw error
  }
}
