import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RuntimeOptions } from '../../../src/app/options.ts'
import { first, second } from './points.ts'
import type { FatalRun } from './server.ts'

/** Where servers are killed. */
export interface FaultPlace {
  /** `host:port/name`, with a busybox under the tag `1`. */
  readonly repository: string
  /** In a step, words of `sh` that give an address of the machine of this test. */
  readonly host: string
  readonly env: NodeJS.ProcessEnv
  /** The runtime of one run; the same again for the one that resumes it. */
  readonly server: () => Promise<{ readonly runtime: RuntimeOptions; readonly flags: readonly string[] }>
  /** Containers of a pipeline, one a line, that nobody is removing. */
  readonly left: (pipeline: string) => Promise<string>
  /** Of these the ones that still run. */
  readonly running: (pipeline: string) => Promise<string>
  /** Runs a shell script in the container of a pipeline's step, past everything; its standard output. */
  readonly inside: (pipeline: string, step: string, script: string) => Promise<string>
}

/** A pipeline of two steps: one writes so many hundreds of lines and, if it is to, an output; the next one looks at that. */
export function pipelineOf(repository: string, tell: (step: string) => string, hundreds: number, output = true): object {
  const image_resource = { type: 'registry-image', source: { repository, tag: '1', insecure: true } }
  const task = (name: string, script: string, more: object): object => ({
    task: name,
    config: { platform: 'linux', image_resource, ...more, run: { path: 'sh', args: ['-ec', `${tell(name)}\n${script}`] } },
  })
  const count = [
    ...(output ? ['echo once >> out/written', 'head -c 3000000 /dev/urandom > out/big', '(cd out && sha256sum big > sum)'] : []),
    `i=0; while [ $i -lt ${hundreds} ]; do i=$((i+1)); seq $((i*100-99)) $((i*100)) | sed "s/^/line /"; sleep 0.05; done`,
    'touch /tmp/done',
  ].join('\n')
  const look = output ? 'cd out; sha256sum -c sum; echo "written $(cat written)"' : ''
  const out = [{ name: 'out' }]
  return { jobs: [{ name: 'job', plan: [task(first, count, output ? { outputs: out } : {}), task(second, look, output ? { inputs: out } : {})] }] }
}

/** The log of that pipeline has each line once and in order, and what the second step found. */
export function expectWholeLog(stdout: string, hundreds: number, output = true): void {
  const said = stdout.split(/\r?\n/)
  const counted = said.filter((line) => line.startsWith('line '))
  const wanted = Array.from({ length: hundreds * 100 }, (_, index) => `line ${index + 1}`)
  expect({ lines: counted.length, hash: hashOf(counted) }).toEqual({ lines: wanted.length, hash: hashOf(wanted) })
  expect(said.filter((line) => /^(written|big:) /.test(line))).toEqual(output ? ['big: OK', 'written once'] : [])
}

const hashOf = (texts: readonly string[]): string => createHash('sha256').update(texts.join('\n')).digest('hex')

/** Runs it in a process of its own; resolves when that has died, as it must. */
export async function runToDeath(run: FatalRun, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), JSON.stringify(run)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (_status, by) => {
      resolve(by)
    })
  })
  expect(signal, stderr).toBe('SIGKILL')
}
