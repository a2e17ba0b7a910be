import { spawn } from 'node:child_process'

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean}} [options] quiet: its output is shown only when it fails
 * @returns {Promise<void>} rejects with one line that names program and status
 */
export function run(program, args, options = {}) {
  const { cwd, env, quiet = false } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    let output = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) return resolve()
      const shown = output.trim().split('\n').slice(-20).join('\n')
      reject(new Error(`${program} ${args.slice(0, 3).join(' ')} ended with ${signal ?? `status ${code}`}${shown === '' ? '' : `\n${shown}`}`))
    })
  })
}

/** Runs a program in place of this one: same terminal, its exit status, its signals. */
export function become(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group; a plain kill reaches only this process.
      if (!process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}
