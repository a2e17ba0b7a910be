import { randomBytes } from 'node:crypto'
import { access, chown, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { isInstalled, must } from './command.ts'
import { startDaemon, stopDaemon, untilUp } from './daemon.ts'
import { ensurePackages, packagesReason, type Need } from './packages.ts'
import { freePort } from './ports.ts'
import { scratchFolder } from './scratch.ts'
import { until } from './wait.ts'

export interface Postgres {
  /** Connection string of the database `postgres`, with all rights. */
  readonly url: string
  /** Makes a database, a copy of `template` when it is named, and returns its connection string. */
  createDatabase(template?: string): Promise<string>
  dropDatabase(url: string): Promise<void>
  /** As a crash of the machine would: KILL, then a start with recovery. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  readonly log?: (line: string) => void
  /** Keep every commit on disk at once; default false: tests want speed. */
  readonly fsync?: boolean
}

const needs: readonly Need[] = [{ package: 'postgresql', proof: 'psql' }]

/** Why PostgreSQL cannot run on this machine, in one line; undefined when it can. */
export async function postgresReason(): Promise<string | undefined> {
  if ((await programs()) !== undefined) return undefined
  return (await packagesReason(needs)) ?? ((await isInstalled('apt-get')) ? undefined : 'no initdb found')
}

/** Starts a PostgreSQL of its own in a temporary folder; ends with this process. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { log = () => undefined, fsync = false } = options
  const bin = await ensurePrograms(log)
  const dir = await scratchFolder('postgres')
  const user = await serverUser()
  await chown(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const [initdb = '', ...words] = user.command([join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'])
  await must(initdb, words, { cwd: dir })
  const port = await freePort()
  const settings = [
    '-c', `fsync=${fsync ? 'on' : 'off'}`, '-c', `synchronous_commit=${fsync ? 'on' : 'off'}`, '-c', `full_page_writes=${fsync ? 'on' : 'off'}`,
    '-c', 'max_connections=200', '-c', 'shared_buffers=32MB', '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${dir}`,
  ]
  const start = async () => {
    // setpriv changes user and ties to this process in one exec: a change of user afterwards would untie it.
    const tie: readonly string[] = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'INT'] : []
    const [program = '', ...args] = user.command([...tie, join(bin, 'postgres'), '-D', data, '-p', `${port}`, ...settings])
    const server = await startDaemon({ name: 'postgres', program, args, cwd: dir, logFile: join(dir, 'postgres.log'), tied: false })
    await untilUp(server, () => ask('SELECT 1').then(() => true))
    return server
  }
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  const ask = async (sql: string) => {
    const client = new pg.Client({ connectionString: urlOf('postgres') })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  let server = await start()
  return {
    url: urlOf('postgres'),
    createDatabase: async (template) => {
      const name = `test_${randomBytes(6).toString('hex')}`
      await ask(`CREATE DATABASE ${name}${template === undefined ? '' : ` TEMPLATE ${pg.escapeIdentifier(databaseOf(template))}`}`)
      return urlOf(name)
    },
    dropDatabase: (url) => ask(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(databaseOf(url))} WITH (FORCE)`),
    crash: async () => {
      await stopDaemon(server, 'SIGKILL')
      // Refused until its backends have noticed and let go of the shared memory.
      server = await until('postgres to start again', () => start().catch(() => undefined))
    },
    stop: async () => {
      await stopDaemon(server, 'SIGINT')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A connection string's database, or the name itself. */
function databaseOf(url: string): string {
  return url.includes('://') ? new URL(url).pathname.slice(1) : url
}

/** Folder of initdb and postgres; Debian does not put it on PATH. */
async function programs(): Promise<string | undefined> {
  const versions = (await readdir('/usr/lib/postgresql').catch(() => [])).sort((a, b) => Number(b) - Number(a))
  const folders = [...versions.map((version) => join('/usr/lib/postgresql', version, 'bin')), '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin']
  for (const folder of folders) {
    const there = await access(join(folder, 'initdb')).then(() => true, () => false)
    if (there) return folder
  }
  return undefined
}

async function ensurePrograms(log: (line: string) => void): Promise<string> {
  const found = await programs()
  if (found !== undefined) return found
  await ensurePackages(needs, log)
  const installed = await programs()
  if (installed === undefined) throw new Error('no initdb found (on Debian or Ubuntu: sudo apt-get install postgresql)')
  return installed
}

/** PostgreSQL refuses to run as root: root becomes the package's user. */
async function serverUser(): Promise<{ uid: number; gid: number; command: (words: string[]) => string[] }> {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (own.uid !== 0) return { ...own, command: (words) => words }
  const [uid, gid] = (await Promise.all(['-u', '-g'].map((flag) => must('id', [flag, 'postgres'])))).map(Number)
  return {
    uid: uid ?? 0,
    gid: gid ?? 0,
    command: (words) => ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups', ...words],
  }
}
