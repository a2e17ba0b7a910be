import { useEffect, useState } from 'preact/hooks'

/** The time, by the second while something runs: bars grow, nothing is asked for. */
export function useSeconds(running: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now())
    }, 1_000)
    return () => clearInterval(timer)
  }, [running])
  return now
}
