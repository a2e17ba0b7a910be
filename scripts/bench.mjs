#!/usr/bin/env node
// npm run bench: sets up what is missing, then measures Airside against the least that its runtimes need.
import { join } from 'node:path'
import { airsideNode, becomeAirside, ensureEngine, ensurePackages, ensureSupervisor, ensureWeb, root } from './lib/setup.mjs'
import { become } from './lib/run.mjs'

try {
  const log = (line) => console.error(line)
  await ensurePackages(log)
  const args = process.argv.slice(2)
  if (args[0] === 'web') {
    await ensureWeb(log)
    become(airsideNode(), [join(root, 'bench/web/main.ts')])
  } else if (['scheduler', 'redaction', 'checks', 'api'].includes(args[0])) {
    // They need neither a container engine nor a cluster.
    becomeAirside('--max-semi-space-size=2', join(root, 'bench', `${args[0]}.ts`))
  } else if (args.includes('--help') || args.includes('-h')) {
    become(airsideNode(), [join(root, 'bench', 'main.ts'), '--help'])
  } else {
    await ensureSupervisor(log)
    if (!args.includes('kubernetes') || args.includes('docker')) await ensureEngine(log)
    // As bin/airside starts a server.
    becomeAirside('--max-semi-space-size=2', join(root, 'bench', 'main.ts'), ...args)
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
