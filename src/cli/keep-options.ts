import type { AppOptions } from '../app/options.ts'
import type { SettingsOf } from './settings/table.ts'

const secondsOfRun = 3600
/** As in Concourse. */
const secondsOfServer = 120 * 3600

type Kept = Pick<AppOptions, 'keep'>

/** A run keeps containers when it is asked to, and its log says how to enter one. */
export function keptByRun({ keep, keepFor, keepMost }: Pick<SettingsOf<'run'>, 'keep' | 'keepFor' | 'keepMost'>): Kept {
  if (keepFor === 0 || (!keep && keepFor === undefined)) return {}
  const seconds = keepFor ?? secondsOfRun
  return { keep: { seconds, oneOffSeconds: seconds, most: keepMost, told: true } }
}

/** A server keeps them unless it is told not to. Its users enter them by fly or from a build's page; logs say nothing of them. */
export function keptByServer({ keepFor = secondsOfServer, keepOneOffFor, keepMost }: Pick<SettingsOf<'web'>, 'keepFor' | 'keepOneOffFor' | 'keepMost'>): Kept {
  return keepFor === 0 ? {} : { keep: { seconds: keepFor, oneOffSeconds: Math.min(keepFor, keepOneOffFor), most: keepMost, told: false } }
}
