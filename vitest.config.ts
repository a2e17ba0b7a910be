import { defineConfig } from 'vitest/config'

/** Tests that start a container engine or a cluster; vitest.real.config.ts runs them. */
export const realTests: readonly string[] = [
  'test/services/podman.test.ts',
  'src/runtime/docker/{docker,conformance,conformance-exec}.test.ts',
  'test/e2e/**/*.test.ts',
  'test/cluster/**/*.test.ts',
  'test/kubernetes/**/*.test.ts',
]

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...realTests],
    testTimeout: 30_000,
  },
})
