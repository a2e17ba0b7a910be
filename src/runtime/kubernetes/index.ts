export { loadAccess, type AccessOptions, type ClusterAccess } from './client/access.ts'
export type { Delivery, DeliveryChoice, Isolation, KubernetesOptions, Placement, Transport } from './options.ts'
export type { Preflight } from './preflight.ts'
export { createKubernetesRuntime, type KubernetesRuntime } from './runtime.ts'
