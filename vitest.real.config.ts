import { availableParallelism } from 'node:os'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'
import { runnableFiles } from './test/real-tests.ts'

/**
 * Tests on a real container engine and a real cluster. Most of their time is waiting, so several files run side by side, each with a
 * namespace, an engine and a data folder of its own; a few run one by one afterwards. No test has a second try: one that needed it
 * would hide a defect, of ours or of its own.
 */
export default defineConfig(async () => {
  const { together, afterwards } = await runnableFiles()
  const workers = Math.min(4, availableParallelism() + 1)
  const project = (name: string, groupOrder: number, files: readonly string[], maxWorkers: number): TestProjectInlineConfiguration[] =>
    files.length === 0 ? [] : [{ extends: true, test: { name, include: [...files], maxWorkers, sequence: { groupOrder } } }]
  return {
    test: {
      globalSetup: './test/real-setup.ts',
      // All for what hangs alone, so that no test has a time of its own: a machine may be many times slower than another.
      testTimeout: 600_000,
      hookTimeout: 1_200_000,
      expect: { poll: { timeout: 300_000 } },
      maxConcurrency: 3,
      sequence: { sequencer: LongestFirst },
      projects: [...project('side by side', 0, together, workers), ...project('alone', 1, afterwards, 1)],
    },
  }
})
