import type { PipelineId } from '../routes/route.ts'
import { shownVars } from '../routes/instance-vars.ts'

/** A command of fly as a person would type it; what holds other characters than names usually do is quoted for a shell. */
export const fly = (...words: readonly string[]): string => ['fly -t TARGET', ...words.map(quoted)].join(' ')

/** A command that Airside's own client has, and fly has not. */
export const airside = (command: string, ...words: readonly string[]): string => [`airside ${command} -t TARGET`, ...words.map(quoted)].join(' ')

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** As fly's -p has it. */
export const flyPipeline = ({ pipeline, vars }: PipelineId): string => (vars === undefined ? pipeline : `${pipeline}/${shownVars(vars)}`)

/** Of a job or a resource, as fly's -j and -r have it. */
export const flyName = (id: PipelineId, name: string): string => `${flyPipeline(id)}/${name}`
