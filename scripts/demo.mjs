#!/usr/bin/env node
// npm run demo: sets up what is missing, then runs the demo's pipeline.
import { join } from 'node:path'
import { becomeAirside, ensureBusybox, ensureEngine, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  if (!process.argv.includes('kubernetes')) await ensureEngine(log)
  await ensureBusybox(log)
  const args = process.argv.slice(2)
  const kubernetes = args.includes('kubernetes') || args.includes('--runtime=kubernetes')
  const own = !args.some((arg) => /^--(context|kubeconfig)(=|$)/.test(arg))
  // Without a cluster of the user's, the one of `npm run cluster`: started for the demo if it is not up.
  const program = kubernetes && own ? ['test/cluster/demo.ts'] : ['src/cli/main.ts', 'demo']
  becomeAirside(join(root, program[0]), ...program.slice(1), ...args)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
