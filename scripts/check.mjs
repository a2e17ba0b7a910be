#!/usr/bin/env node
// npm run check: types, lint, dead code, unit and scenario tests.
import { join } from 'node:path'
import { airsideNode, ensurePackages, root } from './lib/setup.mjs'
import { run } from './lib/run.mjs'

try {
  await ensurePackages((line) => console.error(line))
  const bin = (name) => join(root, 'node_modules', '.bin', name)
  await run(bin('tsc'), ['--noEmit'], { cwd: root })
  await run(bin('tsc'), ['-p', 'web'], { cwd: root })
  await run(bin('oxlint'), ['--type-aware', '--quiet', 'src', 'test', 'web'], { cwd: root })
  await run(airsideNode(), [bin('knip'), '--no-tag-hints'], { cwd: root })
  // What only tests use counts as dead here: it belongs into a testing/ folder, or is marked @testonly.
  await run(airsideNode(), [bin('knip'), '--production', '--include', 'exports,files', '--no-tag-hints'], { cwd: root })
  // Properties are tried on inputs that no run before had.
  const env = { AIRSIDE_SEED: 'random', ...process.env }
  await run(airsideNode(), [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'src/config', 'src/planner', 'src/steps', 'src/engine', 'src/cli', 'src/lib', 'web', 'test/scenarios', 'test/architecture.test.ts'], { cwd: root, env })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
