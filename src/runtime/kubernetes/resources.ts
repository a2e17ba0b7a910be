import { containerMemory, supervisorMemory } from '../../model/memory-limit.ts'

export interface Resources {
  readonly requests: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
}

/** Kubernetes' smallest amount of CPU is a thousandth of a core; amounts out of range are set to the nearest valid one. */
const millicores = (cores: number): string => `${Math.min(Math.max(1, Math.ceil(cores * 1000)), 1_000_000)}m`
const bytes = (amount: number): string => String(Math.min(Math.max(0, Math.ceil(amount)), 2 ** 50))

const isAmount = (amount: number | undefined): amount is number => amount !== undefined && amount > 0

/**
 * `cpu` (shares, 1024 = one core) is a weight, hence a request, and a limit only where an operator asks for that. `memory` (bytes) is a
 * limit, a small one with what the supervisor needs on top of it; the request stays what it is unless the limit is smaller.
 */
export function resourcesOf(
  limits: { readonly cpu?: number; readonly memory?: number },
  requests: { readonly cpu: number; readonly memory: number },
  cpuLimit: boolean,
): Resources {
  const cores = isAmount(limits.cpu) ? limits.cpu / 1024 : undefined
  const memory = isAmount(limits.memory) ? limits.memory : undefined
  const upperMemory = memory === undefined ? undefined : containerMemory(memory)
  const upper = {
    ...(cpuLimit && cores !== undefined ? { cpu: millicores(cores) } : {}),
    ...(upperMemory === undefined ? {} : { memory: bytes(upperMemory) }),
  }
  return {
    requests: {
      cpu: millicores(cores ?? requests.cpu),
      memory: bytes(Math.min(requests.memory + supervisorMemory, upperMemory ?? Number.POSITIVE_INFINITY)),
    },
    ...(Object.keys(upper).length === 0 ? {} : { limits: upper }),
  }
}
