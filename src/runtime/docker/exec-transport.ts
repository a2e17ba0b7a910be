import type { Expectation } from '../contract.ts'
import { listenAddress, supervisorPath } from './container-body.ts'
import type { DockerContext } from './context.ts'
import type { ContainerMonitor } from './container-monitor.ts'

/** Pause before a retry when the engine does not run the relay (the container is not up yet, the engine restarts). */
const pause = 200

/**
 * Streams to a supervisor that cannot dial home: each is a process in the container that pipes its stdin and stdout to the
 * port on which the supervisor listens.
 */
export function openExecTransport(context: DockerContext, id: string, expectation: Expectation, monitor: ContainerMonitor): void {
  const dial = async (): Promise<void> => {
    while (!monitor.over) {
      const stream = await context.client.exec(id, [supervisorPath, 'connect', listenAddress], '0:0')
      if (stream.ok) return expectation.dialled(stream.value)
      if (stream.error.kind === 'not-found') return
      context.log.debug({ component: 'docker', container: id, error: stream.error.message }, 'starting a relay failed')
      await context.clock.sleep(pause)
    }
  }
  const dialMany = (channels: number): void => {
    for (let n = 0; n < channels; n++) {
      dial().catch((error: unknown) => context.log.warn({ err: error, component: 'docker', container: id }, 'starting a relay failed'))
    }
  }
  expectation.onWant(dialMany)
  dialMany(1)
}
