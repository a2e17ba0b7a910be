/** Types of build-supervisor.mjs, which stays plain JavaScript because set-up runs it on any Node. */
export declare function supervisorBinary(architecture: 'amd64' | 'arm64'): string
export declare function buildSupervisor(options?: { log?: (line: string) => void; force?: boolean }): Promise<{
  version: string
  binaries: Record<'amd64' | 'arm64', string>
}>
