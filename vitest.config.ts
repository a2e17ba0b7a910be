import { defineConfig } from 'vitest/config'

/** Tests that start a container engine or a cluster: not yet stable enough to stand in everybody's way. AIRSIDE_TEST_REAL=1 runs them. */
const real = [
  'test/cluster/**',
  'test/kubernetes/**',
  'test/e2e/**',
  'test/services/podman.test.ts',
  'src/runtime/docker/{conformance,conformance-exec,docker}.test.ts',
]

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(process.env['AIRSIDE_TEST_REAL'] === '1' ? [] : real)],
    testTimeout: 30_000,
  },
})
