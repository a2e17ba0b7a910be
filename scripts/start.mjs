#!/usr/bin/env node
// npm start: sets up what is missing, then runs the server with a pipeline to try.
import { join } from 'node:path'
import { becomeAirside, ensureBusybox, ensureEngine, ensurePackages, ensureSupervisor, ensureWeb, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  await ensureWeb(log)
  await ensureEngine(log)
  await ensureBusybox(log)
  becomeAirside('--max-semi-space-size=2', join(root, 'src/cli/main.ts'), 'start', ...process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
