import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from './candidates.ts'
import type { Machine } from './podman-settings.ts'

const capSysResource = 24n

/** Looks at /proc and PATH; values that cannot be read are taken as the usual ones. */
export function inspectMachine(env: Environment): Machine {
  const limits = read('/proc/self/limits')
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(read('/proc/self/status'))?.[1] ?? '0'
  return {
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    systemd: existsSync('/run/systemd/system'),
    installed: { crun: findProgram('crun', env) !== undefined, runc: findProgram('runc', env) !== undefined },
    openFiles: hardLimit(limits, 'Max open files'),
    processes: hardLimit(limits, 'Max processes'),
    pidMax: Number(read('/proc/sys/kernel/pid_max').trim() || 32768),
    raisesLimits: ((BigInt(`0x${capabilities}`) >> capSysResource) & 1n) === 1n,
  }
}

/** Path of a program that PATH, or one of the folders for administrators' programs, holds. */
export function findProgram(name: string, env: Environment): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

function hardLimit(limits: string, name: string): number {
  const [, hard] = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(limits) ?? []
  return hard === undefined || hard === 'unlimited' ? 1_048_576 : Number(hard)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
