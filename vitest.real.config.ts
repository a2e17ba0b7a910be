import { defineConfig } from 'vitest/config'
import { realTests } from './test/real-tests.ts'

/**
 * Tests on a real container engine and a real cluster: one file after the other, since each wants the machine for itself. A second try,
 * which scripts/test.mjs tells of, is for what a busy kernel, engine or kubelet does; not for our defects.
 */
export default defineConfig(async () => {
  const reasons = await Promise.all(realTests.map(({ reason }) => reason()))
  const include = realTests.flatMap(({ files }, index) => (reasons[index] === undefined ? files : []))
  return { test: { include, testTimeout: 180_000, hookTimeout: 900_000, fileParallelism: false, maxConcurrency: 3, retry: 1 } }
})
