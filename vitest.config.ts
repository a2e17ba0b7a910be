import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { realTests } from './test/real-tests.ts'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    // vitest.real.config.ts runs those.
    exclude: ['**/node_modules/**', ...realTests.flatMap(({ files }) => files)],
    setupFiles: ['test/properties.ts'],
    // One process for many files: to import everything anew took half of the time. By default a machine of two cores has one worker.
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism()),
    // Only for what hangs, so that no test has a time of its own: a machine may be many times slower than another.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
