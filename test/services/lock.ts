import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Runs `work` while holding an exclusive lock on a file, between processes too.
 * A flock(1) child holds it until its input closes, so a killed run leaves no lock behind.
 */
export async function withLock<T>(file: string, log: (line: string) => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = setTimeout(() => log(`waiting for another run that holds ${file}`), 2000)
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve())
      holder.once('error', reject)
      holder.once('exit', () => reject(new Error(`flock ${file} ended early`)))
    })
  } finally {
    clearTimeout(waiting)
  }
  try {
    return await work()
  } finally {
    const gone = new Promise<void>((resolve) => holder.once('close', () => resolve()))
    holder.stdin.end()
    await gone
  }
}
