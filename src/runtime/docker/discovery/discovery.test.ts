import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineCandidates } from './candidates.ts'
import { findEngine } from './find-engine.ts'
import { startPodmanService } from './podman-service.ts'
import { containersConf, type Machine } from './podman-settings.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'airside-home-'))
})
afterEach(() => rmSync(home, { recursive: true }))

describe('engineCandidates', () => {
  it('puts DOCKER_HOST first, as the user’s choice', () => {
    const { list } = engineCandidates({ HOME: home, DOCKER_HOST: 'tcp://10.0.0.1:2375' }, 1000)
    expect(list[0]).toEqual({ named: 'DOCKER_HOST', address: { kind: 'tcp', host: '10.0.0.1', port: 2375 }, chosen: true })
    expect(list[1]).toMatchObject({ address: { path: '/var/run/docker.sock' }, chosen: false })
  })

  it('refuses what it cannot speak, in words', () => {
    expect(engineCandidates({ HOME: home, DOCKER_HOST: 'ssh://me@host' }, 1000).problem).toContain('DOCKER_HOST: addresses of the kind ssh:// are not supported')
    expect(engineCandidates({ HOME: home, DOCKER_HOST: 'nonsense' }, 1000).problem).toContain('"nonsense" is not an address')
  })

  it('takes an empty XDG_RUNTIME_DIR for one that is not set', () => {
    const { list } = engineCandidates({ HOME: home, XDG_RUNTIME_DIR: '' }, 1000)
    expect(list).toContainEqual(expect.objectContaining({ address: { kind: 'unix', path: '/run/user/1000/podman/podman.sock' } }))
  })

  it('follows the current docker context', () => {
    const meta = join(home, '.docker/contexts/meta', createHash('sha256').update('colima').digest('hex'))
    mkdirSync(meta, { recursive: true })
    writeFileSync(join(meta, 'meta.json'), '{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///home/me/.colima/docker.sock"}}}')
    writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"colima"}')
    expect(engineCandidates({ HOME: home }, 1000).list[0]).toEqual({ named: 'docker context "colima"', address: { kind: 'unix', path: '/home/me/.colima/docker.sock' }, chosen: true })
    expect(engineCandidates({ HOME: home, DOCKER_CONTEXT: 'other' }, 1000).problem).toContain('"other"')
    expect(engineCandidates({ HOME: home, DOCKER_CONTEXT: 'default' }, 1000).list[0]?.chosen).toBe(false)
  })

  it('looks for a user’s own sockets, and for root’s', () => {
    const paths = (uid: number, env = {}) => engineCandidates({ HOME: '/h', ...env }, uid).list.flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : []))
    expect(paths(1000)).toContain('/run/user/1000/podman/podman.sock')
    expect(paths(1000, { XDG_RUNTIME_DIR: '/x' })).toContain('/x/podman/podman.sock')
    expect(paths(0)).toContain('/run/podman/podman.sock')
    expect(paths(1000)).toContain('/h/.colima/default/docker.sock')
  })
})

describe('findEngine', () => {
  it('does not take another engine than the one that was chosen', async () => {
    const path = join(home, 'dead.sock')
    const found = await findEngine({ HOME: home, DOCKER_HOST: `unix://${path}` })
    expect(found).toMatchObject({ ok: false, error: { kind: 'no-engine' } })
    expect(!found.ok && found.error.message).toContain(path)
  })

  it('counts an engine only if it answers as one', async () => {
    const path = join(home, 'other.sock')
    const server = createServer((socket) => {
      socket.once('data', () => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'))
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const found = await findEngine({ HOME: home, DOCKER_HOST: `unix://${path}` })
    expect(!found.ok && found.error.message).toContain('something that is no JSON')
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('containersConf', () => {
  const usual: Machine = { cgroups: 'v2', systemd: true, installed: { crun: true, runc: false }, openFiles: 1_048_576, processes: 90_000, pidMax: 4_194_304, raisesLimits: true }

  it('is not needed on a usual machine', () => {
    expect(containersConf(usual)).toBeUndefined()
  })

  it('takes runc where crun would refuse the cgroups', () => {
    expect(containersConf({ ...usual, cgroups: 'v1', installed: { crun: true, runc: true } })).toContain('runtime = "runc"')
    expect(containersConf({ ...usual, cgroups: 'v1', installed: { crun: true, runc: false } })).toBeUndefined()
  })

  it('goes without systemd', () => {
    expect(containersConf({ ...usual, systemd: false })).toMatch(/cgroup_manager = "cgroupfs"\nevents_logger = "file"/)
  })

  it('asks for no more than this process may give', () => {
    const conf = containersConf({ ...usual, raisesLimits: false, openFiles: 20_000, pidMax: 32_768 })
    expect(conf).toContain('default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]')
  })
})

describe('startPodmanService', () => {
  it('says why the service ended', async () => {
    const program = join(home, 'podman')
    writeFileSync(program, '#!/bin/sh\necho "cannot start here" >&2\nexit 125\n', { mode: 0o755 })
    const started = await startPodmanService(program, { HOME: home, PATH: process.env['PATH'] })
    expect(started).toEqual({ ok: false, error: 'podman system service: it ended with 125: cannot start here' })
  })
})
