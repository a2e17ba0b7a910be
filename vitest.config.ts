import { defineConfig } from 'vitest/config'
import { realTests } from './test/real-tests.ts'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    // vitest.real.config.ts runs those.
    exclude: ['**/node_modules/**', ...realTests.flatMap(({ files }) => files)],
    // Only for what hangs: a machine may be busy.
    testTimeout: 120_000,
  },
})
