import type { ArtifactRef } from '../model/artifact.ts'
import type { PlanNode } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { PortsFactory } from '../steps/factory.ts'
import { downloadStep } from '../steps/get.ts'
import type { RegisteredImage, ImageFailure, RunState } from '../steps/ports.ts'

/** The step that reads the files of an image. */
interface Reader {
  readonly state: RunState
  readonly signal: AbortSignal
}

/** Downloads images that gets have only resolved, for steps that read them as files; each once in a build. */
export class Downloads {
  private readonly factory: PortsFactory
  private readonly under = new Map<string, Promise<Result<ArtifactRef, ImageFailure>>>()

  constructor(factory: PortsFactory) {
    this.factory = factory
  }

  async fetch(names: Iterable<string>, state: RunState, signal: AbortSignal): Promise<Result<void, ImageFailure>> {
    for (const name of names) {
      const image = state.image(name)
      if (image === undefined || image.files !== undefined) continue
      const files = await this.files(name, image, { state, signal })
      if (!files.ok) return files
      state.registerImage(name, { ...image, files: files.value })
    }
    return ok(undefined)
  }

  /** Serialised: a step that needs the image while another downloads it takes that one's result, and downloads it itself if that failed. */
  private files(name: string, image: RegisteredImage, reader: Reader): Promise<Result<ArtifactRef, ImageFailure>> {
    const id = downloadId(image.get)
    const earlier = this.under.get(id)
    const mine = (async () => {
      const had = await earlier
      if (had?.ok === true) return had
      return this.download({ ...image.get, id, get: { ...image.get.get, version: image.version } }, name, reader)
    })()
    this.under.set(id, mine)
    return mine
  }

  private async download(node: PlanNode<'get'>, name: string, { state: outer, signal }: Reader): Promise<Result<ArtifactRef, ImageFailure>> {
    // Its vars are those of the step that reads it; its files are not yet theirs.
    const state = outer.scope()
    const ports = this.factory.ports(node, { attempts: [] })
    // In the download's log, not in that of the step that waits: after a restart another step may wait.
    ports.note(`image ${name} is downloaded, since a step reads it as files\n`)
    const outcome = await downloadStep(node, ports).run(state, signal)
    if (outcome.kind === 'aborted' || signal.aborted) return fail({ kind: 'aborted' })
    const files = state.artifact(node.get.name ?? node.get.type)
    if (outcome.kind === 'succeeded' && files !== undefined) return ok(files)
    return fail({ kind: 'failed', message: outcome.kind === 'errored' ? outcome.message : `image ${name} could not be downloaded` })
  }
}

/** Plan id of an image's download, beside its get. */
const downloadId = (get: PlanNode<'get'>): string => `${get.id}/download`
