import type { Command } from 'commander'
import { openServer } from '../../app/open-server.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { LogLimits } from '../../model/build-log.ts'
import { startServer } from '../../server/server.ts'
import { appOptions } from '../app-options.ts'
import { CommandError } from '../exit.ts'
import { loginOptions } from '../login-options.ts'
import { settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { stopped, stopRequested } from '../stop-signals.ts'

export type WebSettings = SettingsOf<'web'>

export const webSettings = (command: Command, log: Log): WebSettings => settingsOf('web', command, (line) => log.warn({}, line))

export interface StartedWeb {
  /** What runs the steps, in words. */
  readonly runtime: string
  /** Serves until TERM or Ctrl-C, then lets go of the builds; a second one, or a stop that takes too long, ends the process at once. */
  untilStopped(): Promise<void>
}

/** Opens the server that the settings describe, and has it listen. */
export async function startWeb(given: WebSettings, log: Log, progress = (line: string): void => log.info({}, line)): Promise<StartedWeb> {
  const { bind, port, postgres, drainDelay, peerUrl, ...settings } = given
  const options = {
    ...appOptions(settings, log, progress),
    login: loginOptions(settings),
    trustedProxies: settings.trustedProxy,
    buildLogs: logLimitsOf(settings),
    ...(postgres !== undefined && { database: postgres }),
    ...(peerUrl !== undefined && { peerUrl }),
  }
  const opened = await openServer(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  const server = await startServer({ ...opened.value, address: { bind, port }, log })
  if (!server.ok) {
    for (const database of opened.value.databases) await database.close()
    throw new CommandError(server.error.kind === 'address-in-use' ? `port ${port} on ${bind} is taken; choose another with --port` : server.error.message)
  }
  return {
    runtime: opened.value.runtime,
    async untilStopped() {
      await stopRequested(process)
      // With an embedded database there is no other server that a load balancer could choose.
      const delayMs = (drainDelay ?? (postgres === undefined ? 0 : 5)) * 1000
      log.info({ delayMs }, 'stopping: builds stay started, the next server goes on with them')
      const stopping = server.value.stop({ delayMs, spreadMs: Math.min(delayMs, longestSpreadMs) })
      const cut = await stopped(stopping, { process, clock: systemClock, limitMs: delayMs + stopMs })
      if (cut === undefined) return
      log.warn({}, cut === 'too-late' ? `stopping took longer than ${(delayMs + stopMs) / 1000} s; ending at once` : 'a second signal came; ending at once')
      // What holds this process open may never end. Leases run out by themselves, and containers go on.
      process.exit(1)
    },
  }
}

const longestSpreadMs = 2_000
/** How long stopping may take after the delay. Kubernetes kills after 30 s by default. */
const stopMs = 25_000

const logLimitsOf = (settings: Omit<WebSettings, 'bind' | 'port' | 'postgres' | 'drainDelay' | 'peerUrl'>): LogLimits => ({
  defaultBuilds: settings.defaultBuildLogsToRetain,
  maxBuilds: settings.maxBuildLogsToRetain,
  defaultDays: settings.defaultDaysToRetainBuildLogs,
  maxDays: settings.maxDaysToRetainBuildLogs,
})
