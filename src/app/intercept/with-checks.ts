import type { ContainerGateway } from '../../api/container-ports.ts'
import type { WaitingCheckContainers } from '../../checks/check-containers.ts'
import type { Runtime } from '../../runtime/contract.ts'

/** The way into containers of builds and of checks, as the API has it. */
export function withChecks(gateway: Pick<ContainerGateway, 'find' | 'enter'>, checks: Pick<WaitingCheckContainers, 'enterable'>, runtime: Pick<Runtime, 'list'>): ContainerGateway {
  return {
    find: () => gateway.find(),
    enter: (...given) => gateway.enter(...given),
    async checks() {
      const enterable = checks.enterable()
      if (enterable.length === 0) return []
      const there = await runtime.list().catch(() => [])
      const running = new Set(there.filter(({ state }) => state === 'ready').map(({ handle }) => handle))
      return enterable.filter(({ handle }) => running.has(handle))
    },
  }
}
