import { parseHome, parseImageRegistry, parseLabelDomain } from '../addresses.ts'
import type { Setting } from '../setting.ts'
import { choice, integer, one, text } from '../types.ts'
import { builds } from './runtime.ts'

export const kubernetes = {
  kubeconfig: {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: text('FILE'), otherwise: "kubectl's",
    summary: 'kubeconfig of the cluster',
  },
  context: {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: text('NAME'), otherwise: 'the current one',
    summary: 'context of the kubeconfig',
  },
  namespace: {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: text('NAME'), otherwise: "the context's",
    summary: "namespace of steps' pods",
  },
  'service-account': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: text('NAME'), otherwise: 'airside-step',
    summary: "service account of steps' pods",
  },
  'supervisor-image': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: text('REF'),
    summary: "the supervisor's image, made by `airside supervisor push`",
    details: 'Needed on Kubernetes; `airside supervisor push` prints the reference.',
  },
  'image-registry': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: one('HOST/PREFIX', parseImageRegistry), otherwise: 'none',
    summary: 'registry for images that steps make or fetch',
    details: "They are pushed to HOST/PREFIX/airside-artifact with docker's credentials, and nodes pull them from there. Without it jobs with such an image are refused, unless `airside web` serves them itself at `external-url`.",
  },
  'home-address': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: one('HOST:PORT', parseHome), otherwise: 'through the API',
    summary: 'where pods reach this process',
    details: 'Where pods cannot reach it, or without it, pods are reached through the API. PORT may be left out.',
  },
  'restricted-uid': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: integer('UID', 1),
    summary: "steps' user where Pod Security restricted is enforced",
  },
  'tag-label': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: one('DOMAIN', parseLabelDomain), default: 'tag.airside.dev',
    summary: "domain of labels for nodes' tags",
    details: 'A step with the tag `gpu` runs on nodes with the label `tag.airside.dev/gpu=true`, and tolerates taints of that key, so that nodes can be kept for such steps.',
  },
  transport: {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: choice('WAY', ['auto', 'home', 'tunnel']), default: 'auto',
    summary: 'how pods are reached: auto, home or tunnel',
    details: '`home`: pods dial `home-address`; `tunnel`: they are dialled through the API; `auto` tries one after the other.',
  },
  delivery: {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: choice('WAY', ['auto', 'image-volume', 'helper-container']), default: 'auto',
    summary: 'how pods get the supervisor',
    details: '`image-volume`, `helper-container`, or `auto`: the first where the cluster can, else the second.',
  },
  'warm-sandboxes': {
    group: 'Kubernetes', commands: builds, runtime: 'kubernetes', type: integer('N', 0, 100), default: '0',
    summary: 'pods that wait for steps, at most',
    details: 'A step that takes one starts as fast as a container does, without the start of a pod. 0: none. See "Warm sandboxes" in operate-on-kubernetes.md.',
  },
} as const satisfies Readonly<Record<string, Setting>>
