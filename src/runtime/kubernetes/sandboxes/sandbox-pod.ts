import { stepContainer } from '../layout.ts'
import { annotationKeys, labelKeys, metadataAnnotation, podLabels } from '../names.ts'
import { podSpec, specHash, type PodContext } from '../pod-spec.ts'
import type { Isolation } from '../options.ts'
import type { ContainerSpec } from '../../contract.ts'
import { movable } from '../movable.ts'
import type { SandboxKind } from './kind.ts'

/**
 * A pod like a step's, whose container is of the supervisor's own image and waits. What the step's container must know of its step it
 * reads from labels: the kubelet fills those in when it starts a container, and labels can be changed where an environment cannot.
 */
export function sandboxPod(name: string, kind: SandboxKind, context: PodContext) {
  const { metadata, spec } = podSpec(standIn(kind, context.supervisorImage), context)
  const annotations = { [annotationKeys.delivery]: context.delivery, 'kubectl.kubernetes.io/default-container': stepContainer, ...movable('true') }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: { 'app.kubernetes.io/name': 'airside-sandbox', 'app.kubernetes.io/managed-by': 'airside', [labelKeys.installation]: context.installation, [labelKeys.sandbox]: 'warm' },
      annotations,
    },
    spec: {
      ...spec,
      containers: spec.containers.map((container) =>
        'env' in container ? { ...container, imagePullPolicy: kind.pullPolicy, env: [...fromLabels, ...container.env.filter((one) => one.name !== handleVariable)] } : container,
      ),
    },
  }
}

const handleVariable = 'AIRSIDE_CONTAINER'
const fromLabel = (name: string, label: string) => ({ name, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${label}']` } } })
const fromLabels = [fromLabel(handleVariable, labelKeys.container), fromLabel('AIRSIDE_SANDBOX', labelKeys.sandbox)]

/** A step in need of nothing: what all steps' pods have in common. */
const standIn = ({ architectures }: SandboxKind, supervisorImage: string): ContainerSpec => ({
  handle: 'sandbox', type: 'task', image: { kind: 'registry', reference: supervisorImage, host: '' },
  architectures, privileged: false, limits: {}, guess: false,
  metadata: { team: '', buildId: 0, buildName: '', planId: '', stepName: '' },
})

export interface Taker {
  readonly spec: ContainerSpec
  readonly installation: string
  readonly isolation: Isolation
  /** Id of the container that waits. */
  readonly waited: string
}

/**
 * Makes a waiting sandbox a step's, in metadata alone: it waits on, and nobody else takes it. For steps with credentials, whose secret
 * must be there before their image is pulled.
 */
export const claimPatch = (taker: Taker) => ({ metadata: takenMetadata(taker, 'claimed') })

/** Makes a sandbox the step's pod: the kubelet ends the container that waits and starts one of the step's image. */
export function takePatch(taker: Taker) {
  const { image } = taker.spec
  if (image.kind !== 'registry') throw new Error('a pod needs an image from a registry')
  return { metadata: takenMetadata(taker, 'taken'), spec: { containers: [{ name: stepContainer, image: image.reference }] } }
}

function takenMetadata({ spec, installation, isolation, waited }: Taker, sandbox: 'claimed' | 'taken') {
  return {
    labels: { ...podLabels(spec, installation), [labelKeys.sandbox]: sandbox },
    annotations: { [annotationKeys.metadata]: metadataAnnotation(spec.metadata), [annotationKeys.hash]: specHash(spec, isolation), [annotationKeys.waited]: waited, ...movable('false') },
  }
}
