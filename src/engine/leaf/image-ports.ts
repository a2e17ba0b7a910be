import { ok } from '../../model/result.ts'
import type { Downloads } from '../downloads.ts'
import type { StepImages } from '../image/step-images.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** The image that a step runs in, and images that it is about. */
export function imagePorts({ plan, record, reporter, note, onWait }: LeafStep, images: StepImages, downloads: Downloads): Pick<AllPorts, 'fetchImage' | 'findImage' | 'download'> {
  return {
    async fetchImage(request, state, signal) {
      // What was decided before a restart stands: its container exists.
      if (record?.phase === 'assigned') return ok(record.image)
      const image = await reporter.resolving(() => images.fetch(plan.id, request, state, { signal, note, onWait }))
      if (image.ok) reporter.resolved(image.value)
      return image
    },
    async findImage(get, source, version, signal) {
      const image = await reporter.resolving(() => images.find(get, source, version, { signal, note, onWait }))
      if (image?.ok === true) reporter.resolved(image.value)
      return image
    },
    download: (names, state, signal) => downloads.fetch(names, state, signal),
  }
}
