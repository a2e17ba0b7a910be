import type { Setting } from '../setting.ts'
import { fail, ok, type Result } from '../../../model/result.ts'
import { choice, integer, list, onOff, seconds } from '../types.ts'

/** The commands that run builds. */
export const builds = ['run', 'web', 'demo'] as const

export const runtime = {
  runtime: {
    group: 'Runtime', commands: builds, type: choice('NAME', ['docker', 'kubernetes']), default: 'docker',
    summary: 'what runs the steps: docker or kubernetes',
    details: '`docker` is Docker or Podman on this machine.',
  },
  'allow-privileged': {
    group: 'Runtime', commands: builds, type: onOff,
    summary: 'allow privileged: true, which is root on the machine or node',
    details: 'It holds for steps and resource types of any pipeline. Without it they are refused.',
  },
  tag: {
    group: 'Docker', commands: builds, runtime: 'docker', type: list('NAME', (given): Result<string, string> => (given === '' ? fail('write a tag, or all') : ok(given))), otherwise: 'none',
    summary: 'a tag that this machine has, or all',
    details: "Steps with `tags` run only where all of them are, as on Concourse's workers; with a tag that is not named here they are refused. `all` lets steps of any tags run. Steps without tags always run.",
  },
  'engine-transport': {
    group: 'Docker', commands: builds, runtime: 'docker', type: choice('WAY', ['socket', 'exec']), otherwise: 'found out',
    summary: 'reach containers by socket or exec',
  },
  keep: {
    group: 'Interception', commands: builds, type: onOff,
    summary: 'keep the containers of steps that fail, for airside intercept',
    details: 'At most 20 of them, for the time that `keep-for` says.',
  },
  'keep-for': {
    group: 'Interception', commands: builds, type: seconds, otherwise: '1h',
    summary: 'how long containers are kept; implies --keep',
    details: 'After that time they end by themselves.',
  },
} as const satisfies Readonly<Record<string, Setting>>

export const advanced = {
  'prepare-ahead': {
    group: 'Advanced', commands: builds, type: integer('N', 0), default: '1',
    summary: 'how many steps ahead to prepare',
    details: '0: the container of a step is made when its turn comes.',
  },
  'output-limit': {
    group: 'Advanced', commands: builds, type: integer('BYTES', 1_048_576), otherwise: '64 GiB',
    summary: 'largest output or cache of a step',
    details: 'Of one output or cache; holes of sparse files count.',
  },
  'supervisor-spool': {
    group: 'Advanced', commands: builds, type: integer('BYTES', 65_536), otherwise: '1 GiB',
    summary: 'output that a container buffers',
    details: 'When a container holds that much output that the server has not received, its process is held up.',
  },
  'supervisor-idle': {
    group: 'Advanced', commands: builds, type: integer('SECONDS', 1), otherwise: '600',
    summary: 'how long an idle container waits',
    details: 'A prepared container that no server has contacted for that time ends.',
  },
  'supervisor-keep': {
    group: 'Advanced', commands: builds, type: integer('SECONDS', 1), otherwise: '86400',
    summary: 'how long a container keeps its result',
  },
} as const satisfies Readonly<Record<string, Setting>>
