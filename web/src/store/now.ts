import { signal } from '@preact/signals'

/** The time, for ages that the page shows; it moves on while the page is visible. It asks the server for nothing. */
export const now = signal(Date.now())

const step = 10_000

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}, step)
document.addEventListener('visibilitychange', () => (now.value = Date.now()))
