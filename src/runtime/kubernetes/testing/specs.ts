import type { ContainerSpec } from '../../contract.ts'
import type { PodContext } from '../pod-spec.ts'

const digest = `sha256:${'a'.repeat(64)}`

export const someSpec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  handle: 'c-0123456789',
  type: 'task',
  image: { kind: 'registry', reference: `registry.example:5000/tools/go:1.27@${digest}`, host: 'registry.example:5000' },
  architectures: ['amd64', 'arm64'],
  privileged: false,
  limits: { cpu: 512, memory: 256 * 1024 * 1024 },
  metadata: { team: 'main', pipeline: 'shop', job: 'unit tests', buildId: 42, buildName: '7', planId: 'p1', stepName: 'run' },
  guess: false,
  ...changes,
})

export const someContext = (changes: Partial<PodContext> = {}): PodContext => ({
  installation: 'demo',
  namespace: 'ci',
  serviceAccount: 'airside-step',
  supervisorImage: `registry.example:5000/airside-supervisor@${digest}`,
  delivery: 'image-volume',
  isolation: { mode: 'baseline' },
  userNamespace: true,
  requests: { cpu: 0.05, memory: 64 * 1024 * 1024 },
  cpuLimit: false,
  removalGraceSeconds: 30,
  placement: {},
  tagLabels: {},
  serverKey: 'PIN',
  supervisorSettings: {},
  homeAddress: 'tcp://10.0.0.1:7777',
  pullSecrets: [],
  ...changes,
})
