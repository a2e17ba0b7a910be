import { randomBytes } from 'node:crypto'
import { kubernetesHarness } from './harness.ts'
const h = await kubernetesHarness({ options: { log: { debug: (f, m) => console.log('  debug', m, f), info: (f, m) => console.log('  info', m, f), warn: (f, m) => console.log('  warn', m, f), error: (f, m) => console.log('  error', m, f) }, ...(process.argv[2] ? JSON.parse(process.argv[2]) as object : {}) } })
console.log(await h.runtime.preflight())
for (let i = 0; i < 5; i++) {
const handle = `first-${randomBytes(3).toString('hex')}`
const t0 = performance.now()
const c = await h.runtime.prepare({ handle, type: 'task', image: h.images.busybox, architectures: ['amd64'], privileged: false, limits: { memory: 64e6, cpu: 100 }, metadata: { team: 'main', pipeline: 'p', job: 'j', buildId: 1, buildName: '1', planId: 'x', stepName: 's' }, guess: false }, { signal: new AbortController().signal, onReason: (r) => console.log(Math.round(performance.now() - t0), 'reason', r) })
console.log(Math.round(performance.now() - t0), c.ok ? [c.value.host, c.value.imageDigest] : c.error)
if (c.ok) {
  const r = await c.value.assign({ id: 'a1', process: { path: '/bin/sh', args: ['-c', 'echo hello; id; exit 7'], env: [], dir: '/tmp/build/x', user: 'app' }, stdout: 'log', inputs: [], outputs: [], caches: [], chown: true }, async (rs) => { for (const r of rs) console.log(r.kind === 'event' ? r.event : Buffer.from(r.data).toString()); return rs.at(-1)!.seq }, new AbortController().signal)
  console.log(Math.round(performance.now() - t0), r.ok ? r.value.outcome : r.error)
  if (r.ok) r.value.settled()
  const t1 = performance.now()
  await c.value.release({ keep: false })
  console.log('released', Math.round(performance.now() - t1))
}
}
await h.stop()
