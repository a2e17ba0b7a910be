/** What is known of the machine that a private `podman system service` runs on. */
export interface Machine {
  /** `v2` where the whole hierarchy is unified; `v1` also for hybrids, which crun refuses. */
  readonly cgroups: 'v1' | 'v2'
  readonly systemd: boolean
  readonly installed: { readonly crun: boolean; readonly runc: boolean }
  /** Hard limits of this process. */
  readonly openFiles: number
  readonly processes: number
  readonly pidMax: number
  /** May raise its own hard limits (CAP_SYS_RESOURCE). */
  readonly raisesLimits: boolean
}

/** A containers.conf with what Podman's defaults would fail on here; undefined where they serve. */
export function containersConf(machine: Machine): string | undefined {
  const engine = [
    ...(machine.systemd ? [] : ['cgroup_manager = "cgroupfs"', 'events_logger = "file"']),
    ...(machine.installed.runc && (machine.cgroups === 'v1' || !machine.installed.crun) ? ['runtime = "runc"'] : []),
  ]
  // Podman lowers its own process limit to pid_max first, so no container can get more.
  const processes = Math.min(machine.processes, machine.pidMax)
  const containers = machine.raisesLimits
    ? []
    : [`default_ulimits = ["nofile=${machine.openFiles}:${machine.openFiles}", "nproc=${processes}:${processes}"]`]
  if (engine.length + containers.length === 0) return undefined
  return ['[engine]', ...engine, '', '[containers]', ...containers, ''].join('\n')
}
