// Finds schemathesis, or installs it from PyPI into a folder of its own. Plain JavaScript that Node 20 can run.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './run.mjs'
import { aptInstall, has } from './setup.mjs'

const version = '4.32.5'

/** Path of the program `st`; rejects with one line that says what to do. */
export async function ensureSchemathesis(log) {
  const home = join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'airside', 'schemathesis', version)
  const program = join(home, 'bin', 'st')
  if (existsSync(program)) return program
  if (!hasVenv()) {
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !has('apt-get')) throw new Error('schemathesis needs Python 3.10 or newer with venv: install it')
    await aptInstall(['python3', 'python3-venv'], log)
  }
  log(`installing schemathesis ${version} (pip)`)
  await mkdir(dirname(home), { recursive: true })
  await rm(home, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', home], { quiet: true })
  await run(join(home, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`], { quiet: true })
  return program
}

const hasVenv = () => spawnSync('python3', ['-c', 'import ensurepip, venv']).status === 0
