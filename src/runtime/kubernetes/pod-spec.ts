import { createHash } from 'node:crypto'
import { parseReference } from '../../images/reference/reference.ts'
import type { ImageSource } from '../../model/image.ts'
import { supervisorEnvironment, type SupervisorSettings } from '../../model/supervisor-settings.ts'
import type { ContainerSpec } from '../contract.ts'
import { isolationOf } from './isolation.ts'
import { helperContainer, listenPort, paths, stepContainer, supervisorInImage, tokenAudience, volumes } from './layout.ts'
import { movable } from './movable.ts'
import { annotationKeys, metadataAnnotation, podLabels, podName } from './names.ts'
import { tolerationsOf } from './node-tags.ts'
import type { Delivery, Isolation, Placement } from './options.ts'
import { resourcesOf } from './resources.ts'

/** All that decides what a pod looks like, next to its container's spec. */
export interface PodContext {
  readonly installation: string
  readonly namespace: string
  readonly serviceAccount: string
  readonly supervisorImage: string
  readonly delivery: Delivery
  readonly isolation: Isolation
  readonly userNamespace: boolean
  readonly requests: { readonly cpu: number; readonly memory: number }
  readonly cpuLimit: boolean
  readonly removalGraceSeconds: number
  readonly placement: Placement
  /** Labels of the nodes that the step's tags ask for. */
  readonly tagLabels: Readonly<Record<string, string>>
  readonly supervisorSettings: SupervisorSettings
  readonly serverKey: string
  /** Absent: pods cannot dial the server, so the tunnel is used. */
  readonly homeAddress: string | undefined
  /** Names only; a source's own secret first, then the account's. */
  readonly pullSecrets: readonly string[]
}

/** The pod of a container whose image a registry serves. Pure: equal arguments, equal pods. */
export function podSpec(spec: ContainerSpec, context: PodContext) {
  if (spec.image.kind !== 'registry') throw new Error('a pod needs an image from a registry')
  const { delivery, isolation, homeAddress } = context
  const home = homeAddress !== undefined
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(spec, context.installation),
      namespace: context.namespace,
      labels: podLabels(spec, context.installation),
      annotations: {
        [annotationKeys.metadata]: metadataAnnotation(spec.metadata),
        [annotationKeys.hash]: specHash(spec, isolation),
        [annotationKeys.delivery]: delivery,
        // Where metrics and `kubectl exec` look first.
        'kubectl.kubernetes.io/default-container': stepContainer,
        // Moving a step to another node would lose it.
        ...movable('false'),
      },
    },
    spec: {
      serviceAccountName: context.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // A supervisor that was killed with its cgroup is started again and reports that; it runs no assignment twice.
      restartPolicy: 'OnFailure',
      terminationGracePeriodSeconds: context.removalGraceSeconds,
      ...isolationOf(isolation, spec.privileged, context.userNamespace).pod,
      ...placementOf(spec, context),
      // No name can be looked up from there: programs hear so at once, also where the cluster ignores network policies.
      ...(spec.hermetic === true && { dnsPolicy: 'None', dnsConfig: { nameservers: ['127.0.0.1'] } }),
      ...(context.pullSecrets.length === 0 ? {} : { imagePullSecrets: context.pullSecrets.map((name) => ({ name })) }),
      containers: [
        ...(delivery === 'helper-container' ? [helper(context)] : []),
        {
          name: stepContainer,
          image: spec.image.reference,
          imagePullPolicy: pullPolicy(spec.image.reference, mustAsk(spec.image)),
          command: [paths.supervisor],
          // The image's folder may not exist; each assignment names its own.
          workingDir: '/',
          env: environment(spec, context),
          resources: resourcesOf(spec.limits, context.requests, context.cpuLimit),
          securityContext: isolationOf(isolation, spec.privileged, context.userNamespace).container,
          volumeMounts: [
            { name: volumes.supervisor, mountPath: paths.binary, readOnly: true },
            { name: volumes.state, mountPath: paths.state },
            { name: volumes.build, mountPath: paths.build },
            ...(home ? [{ name: volumes.token, mountPath: paths.token, readOnly: true }] : []),
          ],
        },
      ],
      volumes: [
        {
          name: volumes.supervisor,
          ...(delivery === 'image-volume'
            ? { image: { reference: context.supervisorImage, pullPolicy: supervisorPullPolicy(context.supervisorImage) } }
            : { emptyDir: {} }),
        },
        { name: volumes.state, emptyDir: {} },
        { name: volumes.build, emptyDir: {} },
        ...(home ? [tokenVolume(context.installation)] : []),
      ],
    },
  }
}

export type StepPod = ReturnType<typeof podSpec>

/** A digest cannot change, so the node's copy is used, except where credentials are or may be needed: the registry checks them each time. */
export function pullPolicy(reference: string, ask: boolean): 'Always' | 'IfNotPresent' {
  const parsed = parseReference(reference)
  return parsed.ok && parsed.value.digest !== undefined && !ask ? 'IfNotPresent' : 'Always'
}

export const mustAsk = (image: ImageSource & { kind: 'registry' }): boolean => image.credentials !== undefined || image.unproven === true

/** The supervisor's tags are made from its content, so the registry need not be asked at every step. */
function supervisorPullPolicy(reference: string): 'Always' | 'IfNotPresent' {
  const parsed = parseReference(reference)
  const tag = parsed.ok ? (parsed.value.tag ?? parsed.value.digest) : undefined
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

/** What an adopted pod must have in common with the one that would be made now. Where and how it reports in is not part of it. */
export function specHash(spec: ContainerSpec, isolation: Isolation): string {
  const { image } = spec
  const says = [
    image.kind === 'registry' ? [image.reference, mustAsk(image)] : image.artifact.digest,
    spec.type,
    [...spec.architectures].sort(),
    spec.privileged,
    [spec.limits.cpu ?? null, spec.limits.memory ?? null],
    isolation,
    ...(spec.hermetic === true || spec.tags !== undefined ? [spec.hermetic ?? false, spec.tags ?? []] : []),
  ]
  return createHash('sha256').update(JSON.stringify(says)).digest('hex').slice(0, 32)
}

function environment(spec: ContainerSpec, context: PodContext): { readonly name: string; readonly value?: string; readonly valueFrom?: object }[] {
  const { homeAddress } = context
  return [
    { name: 'AIRSIDE_CONTAINER', value: spec.handle },
    { name: 'AIRSIDE_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    ...(homeAddress === undefined ? [] : [{ name: 'AIRSIDE_HOME', value: homeAddress }]),
    { name: 'AIRSIDE_LISTEN', value: `127.0.0.1:${listenPort}` },
    { name: 'AIRSIDE_SERVER_KEY', value: context.serverKey },
    ...(homeAddress === undefined ? [] : [{ name: 'AIRSIDE_TOKEN_FILE', value: `${paths.token}/token` }]),
    { name: 'AIRSIDE_STATE', value: paths.state },
    ...supervisorEnvironment(context.supervisorSettings).map(([name, value]) => ({ name, value })),
  ]
}

/**
 * Brings the binary where image volumes do not exist. The kubelet starts containers in their order, and the next one only when
 * this one's hook has returned; so the hook copies, and the container itself merely lives until then.
 */
function helper(context: PodContext) {
  return {
    name: helperContainer,
    image: context.supervisorImage,
    imagePullPolicy: supervisorPullPolicy(context.supervisorImage),
    command: [supervisorInImage, 'hold'],
    workingDir: '/',
    lifecycle: { postStart: { exec: { command: [supervisorInImage, 'copy', paths.binary] } } },
    resources: { requests: { cpu: '1m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    securityContext: isolationOf(context.isolation, false, context.userNamespace).container,
    volumeMounts: [{ name: volumes.supervisor, mountPath: paths.binary }],
  }
}

const tokenVolume = (installation: string): object => ({
  name: volumes.token,
  projected: {
    sources: [{ serviceAccountToken: { path: 'token', audience: tokenAudience(installation), expirationSeconds: 3600 } }],
  },
})

function placementOf(spec: ContainerSpec, { placement, tagLabels }: Pick<PodContext, 'placement' | 'tagLabels'>): object {
  const architectures = spec.architectures.filter((name) => /^[a-z0-9]{1,20}$/.test(name))
  const { nodeSelector, priorityClassName, runtimeClassName } = placement
  const tolerations = [...(placement.tolerations ?? []), ...tolerationsOf(tagLabels)]
  return {
    nodeSelector: { ...nodeSelector, ...tagLabels, 'kubernetes.io/os': 'linux' },
    ...(architectures.length === 0 ? {} : { affinity: { nodeAffinity: nodeAffinity(architectures) } }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
  }
}

const nodeAffinity = (architectures: readonly string[]): object => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: architectures }] }],
  },
})
