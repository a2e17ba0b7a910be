import { SizedCache } from '../../lib/sized-cache.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import { unlessUnreadable, type PipelineConfigs } from '../../pipelines/configs.ts'
import { listedConfig, type ListedConfig } from '../present/listed-config.ts'

/** Some ten thousand jobs. */
const keptBytes = 16 * 1024 * 1024
/** Of an entry, whatever it holds. */
const leastBytes = 512

/** What lists show of pipelines' configs, kept for more pipelines than whole configs are: a list of all pipelines needs it of each. */
export class ListedConfigs {
  readonly #configs: Pick<PipelineConfigs, 'of'>
  readonly #kept: SizedCache<string, ListedConfig>

  constructor(configs: Pick<PipelineConfigs, 'of'>, bytes = keptBytes) {
    this.#configs = configs
    this.#kept = new SizedCache(bytes)
  }

  /** Undefined and rejections: as PipelineConfigs. */
  async of({ id, configVersion }: Pick<Pipeline, 'id' | 'configVersion'>): Promise<ListedConfig | undefined> {
    if (configVersion === undefined) return undefined
    const key = `${id}:${configVersion}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const config = await this.#configs.of({ id, configVersion })
    if (config === undefined) return undefined
    const listed = listedConfig(config)
    this.#kept.set(key, listed, leastBytes + JSON.stringify(listed).length)
    return listed
  }

  /** Undefined, too, where the config cannot be read. */
  ifReadable(pipeline: Pick<Pipeline, 'id' | 'configVersion'>): Promise<ListedConfig | undefined> {
    return unlessUnreadable(this.of(pipeline), () => undefined)
  }
}
