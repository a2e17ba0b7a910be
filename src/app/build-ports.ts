import { resolve } from 'node:path'
import { putDirectory } from '../artifacts/pack.ts'
import { refusedPlan } from '../engine/refused-plan.ts'
import { messageOf } from '../lib/errors.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import { fail, type Result } from '../model/result.ts'
import type { BuildPorts } from '../builds/ports.ts'
import type { App } from './open-app.ts'

/** An app's side of the use cases in builds/. */
export function buildPorts({ stores, engine, services, runtime, allowed }: App): BuildPorts {
  return {
    builds: stores.builds,
    scopes: stores.scopes,
    events: stores.events,
    engine,
    refusal: (plan, signal, onWait) => refusedPlan({ ...services, allowed }, plan, signal, onWait),
    runtime: runtime.options,
    clock: services.clock,
  }
}

/** Stores a folder of this machine as an artifact. The error says why it cannot be read or stored. */
export async function storeFolder({ stores }: Pick<App, 'stores'>, folder: string): Promise<Result<ArtifactRef, string>> {
  try {
    const stored = await putDirectory(stores.artifacts, resolve(folder))
    return stored.ok ? stored : fail(stored.error.message)
  } catch (error) {
    return fail(messageOf(error))
  }
}
