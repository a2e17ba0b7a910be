import { z } from 'zod'
import { boundedString } from '../../lib/bounded.ts'
import type { ContainerInfo, ContainerMetadata, ContainerSpec, StepType } from '../contract.ts'
import type { Summary } from './engine/shapes.ts'

/** How frames reach a container: a socket in a mounted folder, or processes run in it that pipe to its own loopback. */
export type Transport = 'socket' | 'exec'

export const labelNames = {
  installation: 'airside.installation',
  /** Hash of everything the container was made of: the same handle with another hash is another container. */
  spec: 'airside.spec',
  transport: 'airside.transport',
  type: 'airside.type',
  guess: 'airside.guess',
  metadata: 'airside.metadata',
} as const

/** For people who look at `docker ps`, and for `list` after a restart. */
export function labelsOf(spec: ContainerSpec, installation: string, hash: string, transport: Transport): Readonly<Record<string, string>> {
  const { metadata } = spec
  return {
    [labelNames.installation]: installation,
    [labelNames.spec]: hash,
    [labelNames.transport]: transport,
    [labelNames.type]: spec.type,
    [labelNames.guess]: String(spec.guess),
    [labelNames.metadata]: JSON.stringify(metadata),
    'airside.team': metadata.team,
    ...(metadata.pipeline === undefined ? {} : { 'airside.pipeline': metadata.pipeline }),
    ...(metadata.job === undefined ? {} : { 'airside.job': metadata.job }),
    'airside.build': metadata.buildName,
    'airside.step': metadata.stepName,
  }
}

const text = boundedString(64 * 1024)

const metadataShape: z.ZodType<ContainerMetadata> = z
  .object({
    team: text,
    pipeline: text.exactOptional(),
    job: text.exactOptional(),
    buildId: z.number(),
    buildName: text,
    planId: text,
    stepName: text,
    attempt: text.exactOptional(),
  })

const stepTypes: readonly StepType[] = ['task', 'get', 'put', 'check', 'run']

/** Undefined when the labels cannot be read, as after an edit by hand. */
export function infoOf(summary: Summary): ContainerInfo | undefined {
  const type = stepTypes.find((known) => known === summary.labels[labelNames.type])
  const metadata = parseMetadata(summary.labels[labelNames.metadata])
  if (type === undefined || metadata === undefined) return undefined
  return { handle: summary.name, metadata, type, guess: summary.labels[labelNames.guess] === 'true', state: stateOf(summary) }
}

function stateOf(summary: Summary): ContainerInfo['state'] {
  switch (summary.state) {
    case 'created':
      return 'preparing'
    case 'running':
    case 'paused':
    case 'restarting':
      return 'ready'
    case 'exited':
    case 'dead':
    // An interrupted removal leaves this state for ever; removing again is right in both cases.
    case 'removing':
      return 'ended'
  }
}

function parseMetadata(text: string | undefined): ContainerMetadata | undefined {
  try {
    return metadataShape.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}
