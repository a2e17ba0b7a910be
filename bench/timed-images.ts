import type { ImageResolver } from '../src/engine/ports.ts'

export interface TimedImages {
  readonly images: ImageResolver
  /** When an image was first asked for since this was last called (performance.now); NaN: none was. */
  readonly takeAsked: () => number
}

/** Looks at a resolver's calls from outside; changes nothing. */
export function timedImages(images: ImageResolver): TimedImages {
  let asked: number | undefined
  const note = () => void (asked ??= performance.now())
  return {
    images: {
      forContainer: (source) => images.forContainer(source),
      check(...request) {
        note()
        return images.check(...request)
      },
      image(...request) {
        note()
        return images.image(...request)
      },
    },
    takeAsked() {
      const first = asked ?? Number.NaN
      asked = undefined
      return first
    },
  }
}
