import { createHash } from 'node:crypto'
import type { ContainerMetadata, StepType } from '../../model/container.ts'
import type { ContainerInfo, ContainerSpec } from '../contract.ts'
import type { Pod } from './client/objects.ts'

const domain = 'airside.dev'
export const labelKeys = {
  installation: `${domain}/installation`,
  container: `${domain}/container`,
  type: `${domain}/type`,
  team: `${domain}/team`,
  pipeline: `${domain}/pipeline`,
  job: `${domain}/job`,
  build: `${domain}/build`,
  step: `${domain}/step`,
  guess: `${domain}/guess`,
  /** On pods that a network policy keeps from any network. */
  hermetic: `${domain}/hermetic`,
  /** On pods that only prove that a node can pull. */
  probe: `${domain}/probe`,
  /** On pods that were made ahead for any step: `warm` waits for one, `claimed` has one and not its image yet, `taken` has both. */
  sandbox: `${domain}/sandbox`,
  /** On pull secrets that no pod owns yet: the hour they were made in. */
  unowned: `${domain}/unowned-since`,
} as const
export const annotationKeys = { metadata: `${domain}/metadata`, hash: `${domain}/spec-hash`, delivery: `${domain}/delivery`, /** Of a taken sandbox: the id of the container that waited. */ waited: `${domain}/waited-container` } as const

export const installationSelector = (installation: string): string => `${labelKeys.installation}=${installation}`
/** The pods of one container: they are found by this, since a pod's name does not tell its container. */
export const containerSelector = (installation: string, handle: string): string => `${installationSelector(installation)},${labelKeys.container}=${handle}`

/**
 * A pod's name is its container's handle wherever that can be read already; otherwise
 * `<pipeline>-<job>-b<build>-<type>-<8 hex of installation and handle>`, made of valid characters whatever the user typed.
 */
export function podName(spec: ContainerSpec, installation: string): string {
  const { metadata: about, handle } = spec
  const words = spec.type === 'check' ? ['chk', about.stepName] : [about.pipeline, about.job, `b${about.buildName}`, spec.type]
  const prefix = words.map((word) => slug(word ?? '')).filter((word) => word !== '').join('-').slice(0, 54).replace(/-+$/, '')
  const readable = isName(handle) && handle.startsWith(prefix.slice(0, 8)) && /-[0-9a-f]{8,}$/.test(handle)
  if (readable) return handle
  const hash = createHash('sha256').update(JSON.stringify([installation, handle])).digest('hex').slice(0, 8)
  return `${prefix === '' ? 'step' : prefix}-${hash}`
}

const isName = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .slice(0, 200)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')

/** The nearest thing to `text` that a label can hold; '' where nothing is left of it. */
export const labelValue = (text: string): string =>
  text
    .slice(0, 200)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '')

export function podLabels(spec: ContainerSpec, installation: string): Record<string, string> {
  const about = spec.metadata
  const labels: Record<string, string> = {
    'app.kubernetes.io/name': 'airside-step',
    'app.kubernetes.io/managed-by': 'airside',
    [labelKeys.installation]: installation,
    [labelKeys.container]: spec.handle,
    [labelKeys.type]: spec.type,
    [labelKeys.guess]: String(spec.guess),
    ...(spec.hermetic === true && { [labelKeys.hermetic]: 'true' }),
  }
  const optional = { team: about.team, pipeline: about.pipeline, job: about.job, build: about.buildName, step: about.stepName }
  for (const [key, value] of Object.entries(optional)) {
    const label = labelValue(value ?? '')
    if (label !== '') labels[labelKeys[key as keyof typeof optional]] = label
  }
  return labels
}

/** Names are clipped here: all annotations together may have 256 KiB. */
export const metadataAnnotation = (metadata: ContainerMetadata): string =>
  JSON.stringify(metadata, (_key, value: unknown) => (typeof value === 'string' ? value.slice(0, 4096) : value))

/** Reads a pod's labels and annotations; undefined when it is not one of this installation's, or they were removed. */
export function describePod(pod: Pod): Omit<ContainerInfo, 'state'> | undefined {
  const { labels = {}, annotations = {} } = pod.metadata ?? {}
  const handle = labels[labelKeys.container]
  const type = labels[labelKeys.type] as StepType | undefined
  if (handle === undefined || type === undefined) return undefined
  return { handle, type, guess: labels[labelKeys.guess] === 'true', metadata: readMetadata(annotations[annotationKeys.metadata], labels) }
}

function readMetadata(text: string | undefined, labels: Readonly<Record<string, string>>): ContainerMetadata {
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (typeof value === 'object' && value !== null && 'team' in value && 'planId' in value) return value as ContainerMetadata
  } catch {
    // the annotation was edited: only the labels are left
  }
  const build = labels[labelKeys.build] ?? ''
  return { team: labels[labelKeys.team] ?? '', buildId: 0, buildName: build, planId: '', stepName: labels[labelKeys.step] ?? '' }
}
