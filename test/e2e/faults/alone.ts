import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SupervisorSettings } from '../../../src/model/supervisor-settings.ts'
import { until } from '../../services/wait.ts'
import { airside, type Running } from '../airside.ts'
import { expectWholeLog, pipelineOf, runToDeath, type FaultPlace } from './fatal-run.ts'
import { first, second, type Point } from './points.ts'
import { startWitness, type Witness } from './witness.ts'

/** What supervisors do when no server comes for long. `ended`: what becomes of a step whose supervisor has given up waiting. */
export function describeAlone(name: string, place: () => FaultPlace, ended: 'goes on' | 'is lost'): void {
  describe(`no server for long on ${name}`, () => {
    let folder: string
    let witness: Witness
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'airside-alone-'))
      witness = await startWitness()
    })
    afterAll(async () => {
      witness.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const untilAlone = async (pipeline: string): Promise<void> =>
      void (await until('its supervisors have ended', async () => (await place().running(pipeline)) === ''))

    /** Runs until it dies at the point, and while nobody is there does `meanwhile`. */
    async function left(
      pipeline: string,
      { point, supervisor, hundreds, output = true }: { readonly point: Point; readonly supervisor: SupervisorSettings; readonly hundreds: number; readonly output?: boolean },
      meanwhile: () => Promise<void>,
    ): Promise<Awaited<Running['ended']>> {
      const { repository, host, env, server } = place()
      const file = join(folder, `${pipeline}.yml`)
      await writeFile(file, JSON.stringify(pipelineOf(repository, (step) => `echo "${pipeline} ${step}" | nc ${host} ${witness.port}`, hundreds, output)))
      const data = join(folder, pipeline)
      const { runtime, flags } = await server()
      await runToDeath({ point, file, data, runtime, prepareAhead: 1, supervisor }, env)
      await meanwhile()
      return airside(['run', '--resume', '--data', data, ...flags], env).ended
    }

    test(`one that waits for work ends, one that has worked keeps its result for its time: then the step ${ended}`, async () => {
      const pipeline = `alone-${name}`
      const run = { point: 'a container is prepared ahead', supervisor: { idleSeconds: 1, keepSeconds: 2 }, hundreds: 20, output: false } as const
      const resumed = await left(pipeline, run, () => untilAlone(pipeline))
      expect(witness.heard(`${pipeline} ${first}`)).toBe(1)
      if (ended === 'goes on') {
        expect(resumed.status, resumed.stdout + resumed.stderr).toBe(0)
        expectWholeLog(resumed.stdout, 20, false)
        expect(witness.heard(`${pipeline} ${second}`)).toBe(1)
      } else {
        expect(resumed.status, resumed.stdout + resumed.stderr).toBe(2)
        expect(resumed.stdout).toMatch(/nobody had spoken to it for too long/)
      }
      await expect.poll(() => place().left(pipeline)).toBe('')
    })

    test('one whose output nobody takes waits no longer than that, and the build says what became of it', async () => {
      const pipeline = `untaken-${name}`
      const run = { point: 'the process has started', supervisor: { keepSeconds: 2, idleSeconds: 1 }, hundreds: 20 } as const
      const resumed = await left(pipeline, run, () => untilAlone(pipeline))
      expect(resumed.status, resumed.stdout + resumed.stderr).toBe(2)
      expect(resumed.stdout).toMatch(ended === 'goes on' ? /supervisor was killed while the process ran/ : /nobody had spoken to it for too long/)
      expect({ first: witness.heard(`${pipeline} ${first}`), second: witness.heard(`${pipeline} ${second}`) }).toEqual({ first: 1, second: 0 })
      await expect.poll(() => place().left(pipeline)).toBe('')
    })

    test('a process that writes more than the spool holds waits; nothing is lost, and the log says that it waited', async () => {
      const pipeline = `spool-${name}`
      const { inside } = place()
      const resumed = await left(pipeline, { point: 'the process has started', supervisor: { spoolBytes: 100_000 }, hundreds: 500 }, async () => {
        await until('a full spool', async () => Number((await inside(pipeline, first, 'du -s /tmp/.airside/state/spool')).split(/\s/)[0]) > 80)
        expect(await inside(pipeline, first, 'test -e /tmp/done || echo waits')).toBe('waits\n')
      })
      expect(resumed.status, resumed.stdout + resumed.stderr).toBe(0)
      expect(resumed.stdout).toContain('the log spool in the container is full: the process waits until the server has taken its output')
      expectWholeLog(resumed.stdout, 500)
      expect({ first: witness.heard(`${pipeline} ${first}`), second: witness.heard(`${pipeline} ${second}`) }).toEqual({ first: 1, second: 1 })
    })
  })
}
