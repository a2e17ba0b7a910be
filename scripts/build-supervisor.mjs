// Builds the supervisor for linux/amd64 and linux/arm64 into supervisor/bin/, when its sources or Go have changed.
// Plain JavaScript that Node 20 can run: set-up uses it before Airside's own Node is there.
//
//   node scripts/build-supervisor.mjs [--force] [--quiet]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findGo, goVersion } from './lib/go.mjs'

const ARCHITECTURES = ['amd64', 'arm64']
const MAX_BYTES = 8 * 1024 * 1024
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'supervisor')
const target = join(source, 'bin')

/** Path of the built binary of an architecture (Go's names: amd64, arm64). */
export function supervisorBinary(architecture) {
  return join(target, `airside-supervisor-linux-${architecture}`)
}

/**
 * Builds what is missing or stale; a second call at the same time is harmless.
 * @param {{log?: (line: string) => void, force?: boolean}} [options]
 * @returns {Promise<{version: string, binaries: Record<string, string>}>}
 */
export async function buildSupervisor(options = {}) {
  const { log = () => {}, force = false } = options
  const go = await findGo({ log })
  const hash = await hashOf(go)
  const version = `${JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version}+${hash.slice(0, 12)}`
  const binaries = Object.fromEntries(ARCHITECTURES.map((architecture) => [architecture, supervisorBinary(architecture)]))
  await mkdir(target, { recursive: true })
  for (const architecture of ARCHITECTURES) {
    const stamp = `${supervisorBinary(architecture)}.stamp`
    if (!force && (await isFresh(architecture, stamp, hash))) continue
    const began = Date.now()
    log(`building the supervisor for linux/${architecture}`)
    const bytes = await build(go, architecture, version)
    await writeFile(stamp, hash)
    log(`built ${relative(root, supervisorBinary(architecture))}: ${(bytes / 1e6).toFixed(1)} MB in ${((Date.now() - began) / 1000).toFixed(1)} s`)
  }
  return { version, binaries }
}

async function isFresh(architecture, stamp, hash) {
  const [built, text] = await Promise.all([
    stat(supervisorBinary(architecture)).then((info) => info.isFile(), () => false),
    readFile(stamp, 'utf8').catch(() => ''),
  ])
  return built && text === hash
}

async function build(go, architecture, version) {
  // Under another name first: somebody may run the old one, or build at the same time.
  const next = join(target, `.${architecture}.${process.pid}`)
  const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture, GOTOOLCHAIN: 'local', GOWORK: 'off' }
  try {
    await run(go, ['build', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w -X main.version=${version}`, '-o', next, '.'], env)
    const { size } = await stat(next)
    if (size > MAX_BYTES) throw new Error(`the supervisor for ${architecture} has ${size} bytes; it must stay under ${MAX_BYTES}`)
    await rename(next, supervisorBinary(architecture))
    return size
  } finally {
    await rm(next, { force: true })
  }
}

/** SHA-256 over the sources that go into the binary, and the compiler's version. */
async function hashOf(go) {
  const hash = createHash('sha256').update(`${await goVersion(go)}\n`)
  for (const path of await sources(source)) {
    hash.update(`${relative(source, path)}\n`).update(await readFile(path)).update('\n')
  }
  return hash.digest('hex')
}

async function sources(folder) {
  const found = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== 'bin' && entry.name !== 'testdata') found.push(...(await sources(path)))
    else if (/^go\.(mod|sum)$|(?<!_test)\.go$/.test(entry.name)) found.push(path)
  }
  return found
}

function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: source, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`go build failed:\n${stderr.trim()}`))))
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const quiet = process.argv.includes('--quiet')
  const log = quiet ? () => {} : (line) => console.error(line)
  buildSupervisor({ log, force: process.argv.includes('--force') }).then(
    ({ version }) => log(`supervisor ${version} is built`),
    (error) => {
      console.error(error.message)
      process.exitCode = 1
    },
  )
}
