import { createHash } from 'node:crypto'
import type { ContainerSpec } from '../runtime/contract.ts'

/**
 * A container's name: `<pipeline>-<job>-b<build>-<type>-<8 hex>`, at most 63 characters of `[a-z0-9-]` whatever the user typed.
 * The hash covers installation, build, plan id, incarnation and all that the container is made of, so that the same
 * step finds its container again after a restart, and one prepared for another image is never mistaken for it.
 */
export function containerHandle(installation: string, spec: Omit<ContainerSpec, 'handle' | 'guess'>, incarnation: number): string {
  const { metadata } = spec
  const { credentials: _, ...image } = spec.image.kind === 'registry' ? spec.image : { ...spec.image, credentials: undefined }
  const identity = JSON.stringify([
    installation, metadata.buildId, metadata.planId, incarnation, spec.type, image, spec.privileged,
    spec.limits.cpu ?? null, spec.limits.memory ?? null, spec.hermetic ?? false, spec.tags ?? [],
  ])
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8)
  const owner = [metadata.pipeline, metadata.job].map((name) => slug(name ?? '', 16)).filter((name) => name !== '')
  return [...(owner.length > 0 ? owner : ['run']), `b${metadata.buildId}`, spec.type, hash].join('-')
}

function slug(text: string, length: number): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-+|-+$/g, '')
}
