import type { Isolation } from './options.ts'

/**
 * Baseline: root in the container with the runtime's usual capabilities less NET_RAW, since the supervisor sets owners and users and
 * `apt` needs root. Restricted: one fixed user without privilege escalation. Privileged: what an operator granted, in the host's user namespace.
 */
export function isolationOf(isolation: Isolation, privileged: boolean, userNamespace: boolean): { readonly pod: object; readonly container: object } {
  const seccomp = { seccompProfile: { type: 'RuntimeDefault' } }
  switch (isolation.mode) {
    case 'baseline':
      return {
        pod: { ...(userNamespace && !privileged ? { hostUsers: false } : {}), securityContext: privileged ? {} : seccomp },
        container: privileged
          ? { runAsUser: 0, privileged: true }
          : { runAsUser: 0, privileged: false, capabilities: { drop: ['NET_RAW'] }, ...seccomp },
      }
    case 'restricted':
      return {
        pod: {
          ...(userNamespace ? { hostUsers: false } : {}),
          securityContext: { runAsNonRoot: true, fsGroup: isolation.uid, fsGroupChangePolicy: 'OnRootMismatch', ...seccomp },
        },
        container: {
          runAsUser: isolation.uid,
          runAsGroup: isolation.uid,
          runAsNonRoot: true,
          privileged: false,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          ...seccomp,
        },
      }
  }
}
