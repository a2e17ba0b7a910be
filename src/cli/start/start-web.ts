import type { Command } from 'commander'
import { observedLog } from '../../app/observed.ts'
import { openServer } from '../../app/open-server.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { LogLimits } from '../../model/build-log.ts'
import type { Result } from '../../model/result.ts'
import type { Address, ListenError } from '../../server/listen.ts'
import { serveMetrics } from '../../server/metrics-endpoint.ts'
import { startServer } from '../../server/server.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { OpenTracing } from '../../telemetry/tracing.ts'
import { keptByServer } from '../keep-options.ts'
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
export async function startWeb(given: WebSettings, plainLog: Log, progress = (line: string): void => plainLog.info({}, line)): Promise<StartedWeb> {
  const { bind, port, postgres, drainDelay, peerUrl, ...settings } = given
  const metrics = await metricsOf(given)
  const log = metrics === undefined ? plainLog : observedLog(plainLog, metrics.observe)
  const tracing = await tracingOf(given, log)
  const options = {
    ...appOptions(settings, log, progress),
    ...keptByServer(settings),
    login: loginOptions(settings),
    trustedProxies: settings.trustedProxy,
    webImageHosts: settings.webImageHosts,
    globalResources: settings.enableGlobalResources,
    audit: { reads: settings.auditReads, days: settings.auditDays },
    buildLogs: logLimitsOf(settings),
    outputsDays: settings.outputsDays,
    registryChecksPerSecond: settings.registryChecksPerSecond,
    ...(postgres !== undefined && { database: postgres }),
    ...(peerUrl !== undefined && { peerUrl }),
    ...(metrics && { observe: metrics.observe }),
    ...(tracing && { tracing }),
    ...(settings.cliArtifactsDir !== undefined && { cliArtifacts: settings.cliArtifactsDir }),
  }
  const opened = await openServer(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  metrics?.watch(opened.value.state)
  const closeAll = async (): Promise<void> => {
    for (const database of opened.value.databases) await database.close()
  }
  const metricsAddress = { bind: given.prometheusBindIp, port: given.prometheusBindPort ?? 0 }
  const metricsListener = metrics && (await served(serveMetrics(metricsAddress, { text: metrics.text, clock: systemClock }), (taken) => `port ${taken.port} on ${taken.bind} is taken; choose another with --prometheus-bind-port`, closeAll))
  if (metricsListener !== undefined) log.info({}, `metrics at http://${metricsAddress.bind}:${metricsListener.port}/metrics`)
  const server = await served(startServer({ ...opened.value, address: { bind, port }, log }), (taken) => `port ${taken.port} on ${taken.bind} is taken; choose another with --port`, async () => {
    await metricsListener?.close(0)
    await closeAll()
  })
  return {
    runtime: opened.value.runtime,
    async untilStopped() {
      await stopRequested(process)
      // With an embedded database there is no other server that a load balancer could choose.
      const delayMs = (drainDelay ?? (postgres === undefined ? 0 : 5)) * 1000
      log.info({ delayMs }, 'stopping: builds stay started, the next server goes on with them')
      const stopping = server.stop({ delayMs, spreadMs: Math.min(delayMs, longestSpreadMs) }).then(async () => {
        await metricsListener?.close(0)
        await tracing?.close()
      })
      const cut = await stopped(stopping, { process, clock: systemClock, limitMs: delayMs + stopMs })
      if (cut === undefined) return
      log.warn({}, cut === 'too-late' ? `stopping took longer than ${(delayMs + stopMs) / 1000} s; ending at once` : 'a second signal came; ending at once')
      // What holds this process open may never end. Leases run out by themselves, and containers go on.
      process.exit(1)
    },
  }
}

/** What listens; where it cannot, all else is closed. `taken`: what to do when its port is. */
async function served<T>(starting: Promise<Result<T, ListenError>>, taken: (address: Address) => string, closeAll: () => Promise<void>): Promise<T> {
  const started = await starting
  if (started.ok) return started.value
  await closeAll()
  const { kind, message, address } = started.error
  throw new CommandError(kind === 'address-in-use' ? taken(address) : message)
}

/** Loaded only where somebody scrapes. */
async function metricsOf({ prometheusBindPort, metricsMaxJobs }: WebSettings): Promise<Metrics | undefined> {
  if (prometheusBindPort === undefined) return undefined
  const { createMetrics } = await import('../../telemetry/metrics.ts')
  return createMetrics({ maxJobs: metricsMaxJobs })
}

/** Loaded only where there is a collector. */
async function tracingOf({ tracingOtlpEndpoint: endpoint, tracingOtlpHeader, tracingServiceName: serviceName, tracingAttribute }: WebSettings, log: Log): Promise<OpenTracing | undefined> {
  if (endpoint === undefined) return undefined
  const { openTracing } = await import('../../telemetry/tracing.ts')
  log.info({}, `traces are sent to ${endpoint}`)
  return openTracing({ endpoint, headers: Object.fromEntries(tracingOtlpHeader), serviceName, attributes: Object.fromEntries(tracingAttribute), log })
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
