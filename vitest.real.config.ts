import { defineConfig } from 'vitest/config'
import { realTests } from './vitest.config.ts'

/** Tests on a real container engine and a real cluster: one file after the other, since each wants the machine for itself. */
export default defineConfig({
  test: { include: [...realTests], testTimeout: 60_000, hookTimeout: 900_000, fileParallelism: false },
})
