#!/usr/bin/env node
// npm run setup: everything that ./bin/airside needs.
import { airsideNode, ensureEngine, ensurePackages, ensureSupervisor, ensureWeb } from './lib/setup.mjs'
import { run } from './lib/run.mjs'

const log = (line) => console.error(line)
try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  await ensureWeb(log)
  await ensureEngine(log)
  await run(airsideNode(), ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'prepare-database'], { cwd: new URL('..', import.meta.url).pathname })
  log('ready: ./bin/airside --help')
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
