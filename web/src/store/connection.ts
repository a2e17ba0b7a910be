import { signal } from '@preact/signals'
import { browserSurroundings } from '../api/browser-surroundings.ts'
import { Watch } from '../api/watch.ts'

/** Since when the page is not live, unix ms; undefined: it is. */
export const notLiveSince = signal<number | undefined>(undefined)
/** In words, where that is known. */
export const notLiveWhy = signal<string | undefined>(undefined)

export const watch = new Watch(browserSurroundings, (live, why) => {
  notLiveWhy.value = why
  if (live) notLiveSince.value = undefined
  else notLiveSince.value ??= Date.now()
})
