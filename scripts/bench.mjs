#!/usr/bin/env node
// npm run bench: sets up what is missing, then measures Airside against the least that its runtimes need.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { airsideNode, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'
import { become } from './lib/run.mjs'

try {
  await ensurePackages((line) => console.error(line))
  await ensureSupervisor((line) => console.error(line))
  process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'airside', 'node')
  become(airsideNode(), ['--disable-warning=ExperimentalWarning', join(root, 'bench', 'main.ts'), ...process.argv.slice(2)])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
