#!/usr/bin/env node
// Entry of `npm run cluster`: plain JavaScript for any Node, it starts Airside's own on the real thing.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const own = join(root, 'node_modules', '.bin', 'node')
const child = spawn(existsSync(own) ? own : process.execPath, [join(root, 'test', 'cluster', 'command.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// Ctrl-C reaches the child itself; this process only waits for what it says.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)
child.on('error', (error) => {
  console.error(error.message)
  process.exitCode = 1
})
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
