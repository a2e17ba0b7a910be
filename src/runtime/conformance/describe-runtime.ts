import { afterAll, beforeAll, describe, it } from 'vitest'
import { abortCases } from './cases/abort.ts'
import { artifactCases } from './cases/artifacts.ts'
import { containerCases } from './cases/container.ts'
import { folderCases } from './cases/folders.ts'
import { imageCases } from './cases/images.ts'
import { interceptCases } from './cases/intercept.ts'
import { keepOutCases } from './cases/keep-out.ts'
import { lifecycleCases } from './cases/lifecycle.ts'
import { networkCases } from './cases/network.ts'
import { outputCases } from './cases/output.ts'
import { processCases } from './cases/process.ts'
import { resumeCases } from './cases/resume.ts'
import type { ConformanceHarness } from './harness.ts'
import type { Cases } from './cases.ts'
import { createKit } from './kit.ts'

const groups = {
  process: processCases,
  container: containerCases,
  output: outputCases,
  artifacts: artifactCases,
  folders: folderCases,
  abort: abortCases,
  intercept: interceptCases,
  'keep out': keepOutCases,
  network: networkCases,
  lifecycle: lifecycleCases,
  resume: resumeCases,
  images: imageCases,
} satisfies Readonly<Record<string, Cases>>

type CaseGroup = keyof typeof groups

interface SuiteOptions {
  /** Names of the cases that do not apply to this runtime. */
  readonly skip?: readonly string[]
  /** Groups of cases, where another file runs the others on the same ways; default: all. */
  readonly only?: readonly CaseGroup[]
}

/**
 * For a second way into the containers of the same engine or cluster: all groups but those that the supervisor decides by itself, with the
 * container as it is and its own connection, whoever made them. The file of the first way runs those.
 */
export const whereWaysMatter: readonly CaseGroup[] = ['container', 'output', 'artifacts', 'abort', 'intercept', 'keep out', 'network', 'lifecycle', 'resume', 'images']

/**
 * The groups that depend on how a supervisor comes into its container and on who dials whom at once. One file runs everything, another one,
 * with the other value of both settings, what differs by them (whereWaysMatter); the two other pairs run these.
 */
export const wherePairsMatter: readonly CaseGroup[] = ['lifecycle', 'resume', 'network', 'keep out']

/** The suite that every runtime must pass. `make` is called once. */
export function describeRuntime(name: string, make: () => Promise<ConformanceHarness>, options: SuiteOptions = {}): void {
  const { skip = [], only } = options
  const unknown = skip.filter((skipped) => !Object.values(groups).some((cases) => skipped in cases))
  if (unknown.length > 0) throw new Error(`no such cases: ${unknown.join(', ')}`)

  describe(`runtime ${name}`, () => {
    let harness: ConformanceHarness | undefined
    beforeAll(async () => {
      harness = await make()
    })
    afterAll(() => harness?.stop())

    for (const [group, cases] of Object.entries<Cases>(groups)) {
      if (only?.includes(group as CaseGroup) === false) continue
      // Cases mostly wait for the runtime, so they run concurrently, except for those that restart the server, which all cases share.
      const side = group === 'resume' ? describe.sequential : describe.concurrent
      side(group, () => {
        for (const [behaviour, check] of Object.entries(cases)) {
          it.skipIf(skip.includes(behaviour))(behaviour, async () => {
            if (harness === undefined) throw new Error('no harness')
            const kit = createKit(harness)
            try {
              await check(kit)
            } finally {
              await kit.clean()
            }
          })
        }
      })
    }
  })
}
