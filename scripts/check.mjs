#!/usr/bin/env node
// npm run check: types and the quick tests.
import { join } from 'node:path'
import { airsideNode, ensurePackages, root } from './lib/setup.mjs'
import { run } from './lib/run.mjs'

try {
  await ensurePackages((line) => console.error(line))
  const bin = (name) => join(root, 'node_modules', '.bin', name)
  await run(bin('tsc'), ['--noEmit'], { cwd: root })
  await run(airsideNode(), [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'src/config', 'src/planner', 'src/steps', 'src/engine', 'test/scenarios'], { cwd: root })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
