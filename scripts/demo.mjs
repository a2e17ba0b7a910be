#!/usr/bin/env node
// npm run demo: sets up what is missing, then runs the demo's pipeline.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { airsideNode, aptInstall, ensureEngine, ensurePackages, ensureSupervisor, has, root } from './lib/setup.mjs'
import { become } from './lib/run.mjs'

const log = (line) => console.error(line)
try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  await ensureEngine(log)
  if (!existsSync('/bin/busybox') && process.getuid?.() === 0 && has('apt-get')) await aptInstall(['busybox-static'], log)
  become(airsideNode(), ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts'), 'demo', ...process.argv.slice(2)])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
