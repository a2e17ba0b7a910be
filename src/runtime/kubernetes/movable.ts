/** Whether a node's autoscaler may move the pod: one that waits or is kept, and none that works for a step. */
export const movable = (may: 'true' | 'false') => ({
  'cluster-autoscaler.kubernetes.io/safe-to-evict': may,
  'karpenter.sh/do-not-disrupt': may === 'true' ? 'false' : 'true',
})
