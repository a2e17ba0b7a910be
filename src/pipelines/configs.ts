import { parsePipeline } from '../config/parse-pipeline.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { UnreadableConfig, type PipelineStore } from './ports.ts'

const remembered = 200

/** Configs of pipelines, read and decoded once a version. */
export class PipelineConfigs {
  readonly #store: Pick<PipelineStore, 'config'>
  readonly #known = new KeptMap<string, Promise<PipelineConfig | undefined>>(remembered)

  constructor(store: Pick<PipelineStore, 'config'>) {
    this.#store = store
  }

  /** Undefined: the pipeline is archived, or was set anew or deleted meanwhile. Rejects with UnreadableConfig. */
  of({ id, configVersion }: Pick<Pipeline, 'id' | 'configVersion'>): Promise<PipelineConfig | undefined> {
    if (configVersion === undefined) return Promise.resolve(undefined)
    const key = `${id}:${configVersion}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const read = this.#read(id, configVersion)
    this.#known.set(key, read)
    // What failed, or is not there, is asked for again.
    read.then((config) => config ?? this.#known.delete(key), () => this.#known.delete(key))
    return read
  }

  /** Undefined, too, where the config cannot be read: what is shown of many pipelines leaves out what only the config says. */
  ifReadable(pipeline: Pick<Pipeline, 'id' | 'configVersion'>): Promise<PipelineConfig | undefined> {
    return unlessUnreadable(this.of(pipeline), () => undefined)
  }

  async #read(id: number, version: number): Promise<PipelineConfig | undefined> {
    const stored = await this.#store.config(id, version)
    if (stored === undefined) return undefined
    const { config, findings } = parsePipeline(JSON.stringify(stored), { file: 'config' })
    if (config === undefined) throw new UnreadableConfig(id, findings[0]?.message ?? 'it is not valid')
    return config
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
