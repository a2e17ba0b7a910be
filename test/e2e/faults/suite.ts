import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { airside } from '../airside.ts'
import { expectWholeLog, pipelineOf, runToDeath, type FaultPlace } from './fatal-run.ts'
import { first, points, second, type Point } from './points.ts'
import { startWitness, type Witness } from './witness.ts'

const hundreds = 20

/** A server is killed at each of these points, and another goes on from there. */
export function describeFaults(name: string, place: () => FaultPlace, chosen: readonly Point[] = points): void {
  describe.concurrent(`a server killed on ${name}`, () => {
    let folder: string
    let witness: Witness
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'airside-faults-'))
      witness = await startWitness()
    })
    afterAll(async () => {
      witness.stop()
      await rm(folder, { recursive: true, force: true })
    })

    test.for(chosen)('when %s', async (point, { expect }) => {
      const { repository, host, env, server, left } = place()
      const pipeline = `fault-${name.replaceAll(/\W+/g, '-')}-${points.indexOf(point)}`
      const file = join(folder, `${pipeline}.yml`)
      const tell = (step: string) => `echo "${pipeline} ${step}" | nc ${host} ${witness.port}`
      await writeFile(file, JSON.stringify(pipelineOf(repository, tell, hundreds)))
      const data = join(folder, pipeline)
      const { runtime, flags } = await server()

      await runToDeath({ point, file, data, runtime, prepareAhead: aheadOf(point), supervisor: {} }, env)
      const resumed = await airside(['run', '--resume', '--data', data, ...flags], env).ended

      if (point === 'the build has ended and its containers are still there') {
        expect(resumed.stderr).toContain('there is no unfinished build')
      } else {
        expect(resumed.status, resumed.stdout + resumed.stderr).toBe(0)
        expectWholeLog(resumed.stdout, hundreds)
      }
      expect({ first: witness.heard(`${pipeline} ${first}`), second: witness.heard(`${pipeline} ${second}`) }).toEqual({ first: 1, second: 1 })
      await expect.poll(() => left(pipeline)).toBe('')
    })
  })
}

/** Prepared ahead as by default, except where the second step's own call is the point. */
const aheadOf = (point: Point): number => (point === 'the second step is about to begin' ? 0 : 1)
