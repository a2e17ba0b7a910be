import type { Need } from '../services/packages.ts'

/** One `go build` call; its programs stand in a folder of their own in the cache. */
export interface Recipe {
  readonly packages: readonly string[]
  /** Name of the program when one package is built. Several keep their own names. */
  readonly output?: string
  readonly tags?: string
  readonly cgo?: boolean
  readonly ldflags?: string
  readonly needs?: readonly Need[]
}

const containerd = 'github.com/containerd/containerd/v2/cmd'
const cni = 'github.com/containernetworking/plugins/plugins'

const KUBERNETES_VERSION = 'v1.36.3'

export const recipes = {
  kubernetes: {
    packages: ['./programs/kube'],
    output: 'kube',
    ldflags: `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36`,
  },
  containerd: {
    packages: [`${containerd}/containerd`, `${containerd}/containerd-shim-runc-v2`, `${containerd}/ctr`],
    tags: 'no_btrfs no_devmapper no_zfs',
  },
  runc: {
    packages: ['github.com/opencontainers/runc'],
    output: 'runc',
    // runc enters namespaces in C, before Go's threads exist.
    cgo: true,
    tags: 'seccomp netgo osusergo',
    ldflags: '-extldflags -static',
    needs: [
      { package: 'gcc', proof: 'gcc' },
      { package: 'libc6-dev', proof: '/usr/include/stdio.h' },
      { package: 'libseccomp-dev', proof: '/usr/include/seccomp.h' },
    ],
  },
  cni: { packages: [`${cni}/main/bridge`, `${cni}/main/loopback`, `${cni}/ipam/host-local`] },
  registry: { packages: ['./programs/registry'], output: 'registry' },
  images: { packages: ['./programs/pause', './programs/hello', './programs/mock-resource'] },
} as const satisfies Record<string, Recipe>

export type Part = keyof typeof recipes

/** What a running cluster is made of. */
export const clusterPrograms = ['kubernetes', 'containerd', 'runc', 'cni', 'registry', 'images'] as const satisfies readonly Part[]

/** What `kube` is linked as: it looks at the name it was started by. */
export const kubernetesNames = ['etcd', 'kubectl', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const
