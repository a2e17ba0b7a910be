import { Command, CommanderError } from 'commander'
import { vi } from 'vitest'
import { addRemoteCommands } from '../../src/cli/commands/remote/all.ts'
import { CommandError } from '../../src/cli/exit.ts'

export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A command on a server in this process, with the targets of `folder`: a process takes half a second to start. */
export async function inProcess(folder: string, args: readonly string[]): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  const program = new Command('airside').exitOverride().configureOutput({ writeOut: (text) => void (stdout += text), writeErr: (text) => void (stderr += text) })
  addRemoteCommands(program)
  const [out, err] = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true)),
  ]
  vi.stubEnv('FLY_HOME', folder).stubEnv('AIRSIDE_TARGET', '')
  const before = process.exitCode
  try {
    await program.parseAsync(['node', 'airside', ...args])
    return { status: Number(process.exitCode ?? 0), stdout, stderr }
  } catch (error) {
    if (error instanceof CommanderError) return { status: error.exitCode === 0 ? 0 : 2, stdout, stderr }
    if (!(error instanceof CommandError)) throw error
    return { status: error.status, stdout, stderr: `${stderr}${error.message}\n` }
  } finally {
    process.exitCode = before
    vi.unstubAllEnvs()
    out.mockRestore()
    err.mockRestore()
  }
}
