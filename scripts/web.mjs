#!/usr/bin/env node
// npm run web: the web UI with vite's own server, which shows changes at once; its API is the `airside web` of AIRSIDE_WEB_URL.
import { join } from 'node:path'
import { airsideNode, ensurePackages, root } from './lib/setup.mjs'
import { become } from './lib/run.mjs'

try {
  await ensurePackages((line) => console.error(line))
  become(airsideNode(), [join(root, 'node_modules/vite/bin/vite.js'), join(root, 'web'), ...process.argv.slice(2)])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
