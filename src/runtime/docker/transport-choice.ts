import { readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeAddress } from './engine/address.ts'
import type { EngineClient } from './engine/client.ts'
import type { Transport } from './labels.ts'

/** Whether folders and sockets of this machine reach the engine's containers is found out by the first container. */
export interface TransportChoice {
  readonly transport: Transport
  /** It is not known yet whether mounts work: a container that does not report in is not waited for long. */
  readonly unproven: boolean
  /** A container has reported in over this transport. */
  proven(transport: Transport): void
  /** Mounts do not reach containers here: frames go over exec from now on; remembered for this engine. */
  fallBack(): Promise<void>
}

/** `forced`: use this transport only. */
export function createTransportChoice(client: EngineClient, engineName: string, data: string, forced?: Transport): TransportChoice {
  const file = join(data, 'engines-without-mounts')
  const line = `${describeAddress(client.address)} ${engineName}`
  let transport: Transport = forced ?? (isListed(file, line) ? 'exec' : 'socket')
  let unproven = forced === undefined && transport === 'socket'
  return {
    get transport() {
      return transport
    },
    get unproven() {
      return unproven
    },
    proven(which) {
      if (which === 'socket') unproven = false
    },
    async fallBack() {
      transport = 'exec'
      unproven = false
      await appendFile(file, `${line}\n`)
    },
  }
}

function isListed(file: string, line: string): boolean {
  try {
    return readFileSync(file, 'utf8').split('\n').includes(line)
  } catch {
    return false
  }
}
