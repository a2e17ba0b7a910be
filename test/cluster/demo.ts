import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeNamespace } from '../kubernetes/namespace.ts'
import { startCluster } from './cluster.ts'

/** `npm run demo -- --runtime kubernetes`: the demo's pipeline on the test cluster, in a namespace of its own that goes with it. */
const log = (line: string) => process.stderr.write(`${line}\n`)
const cluster = await startCluster({ log })
try {
  const namespace = await makeNamespace(cluster, 'baseline')
  try {
    const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
    const flags = ['--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name, '--registry', cluster.registry.host, '--home-address', cluster.hostAddress]
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'demo', ...flags, ...process.argv.slice(2)], { stdio: 'inherit' })
    // Ctrl-C reaches the child itself; this process waits, to clean up.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
    process.exitCode = await new Promise<number>((resolve) => {
      child.on('close', (code) => {
        resolve(code ?? 1)
      })
    })
  } finally {
    await namespace.remove()
    await rm(dirname(namespace.kubeconfig), { recursive: true, force: true })
  }
} finally {
  await cluster.stop()
}
