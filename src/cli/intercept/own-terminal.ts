import { spawnSync } from 'node:child_process'
import type { Terminal } from './session.ts'

/** This process's own. */
export const ownTerminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  setRaw(raw) {
    process.stdin.setRawMode(raw)
    // Node goes on turning \n into \r\n, which programs that draw on the screen do not expect.
    if (raw) spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
  },
  onSignal(callback) {
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const name of names) process.on(name, callback)
    return () => {
      for (const name of names) process.off(name, callback)
    }
  },
}
