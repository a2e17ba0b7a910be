#!/usr/bin/env node
// npm run web: the web UI with vite's own server, which shows changes at once; its API is the `airside web` of AIRSIDE_WEB_URL.
// npm run web -- pictures [FOLDER [STATE…]]: pictures of its pages (test/web/pictures.ts).
import { join } from 'node:path'
import { airsideNode, becomeAirside, ensurePackages, ensureWeb, root } from './lib/setup.mjs'
import { become } from './lib/run.mjs'

const log = (line) => console.error(line)
const [command, ...args] = process.argv.slice(2)
try {
  await ensurePackages(log)
  if (command === 'pictures') {
    await ensureWeb(log)
    becomeAirside(join(root, 'test/web/pictures.ts'), ...args)
  } else become(airsideNode(), [join(root, 'node_modules/vite/bin/vite.js'), join(root, 'web'), ...process.argv.slice(2)])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
