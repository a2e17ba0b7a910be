import { access, readFile } from 'node:fs/promises'
import { Agent, request } from 'undici'
import { describe, expect, it } from 'vitest'
import { must } from './command.ts'
import { busyboxImage } from './images.ts'
import { startPodman } from './podman.ts'
import { pushImage } from './push-image.ts'
import { startRegistry } from './registry.ts'
import { until } from './wait.ts'

describe('Podman', () => {
  it('answers the Docker API, pulls, runs, outlives its service, and leaves nothing', async () => {
    const registry = await startRegistry({ log: console.error })
    const { reference } = await pushImage(registry, 'busybox', '1', await busyboxImage())
    const podman = await startPodman({ log: console.error })
    const dispatcher = new Agent({ connect: { socketPath: podman.socket } })
    const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await request(`http://engine/v1.41${path}`, { method, dispatcher, headers, ...(body && { body: JSON.stringify(body) }) })
      return { status: answer.statusCode, text: await answer.body.text() }
    }
    try {
      expect((await ask('POST', `/images/create?fromImage=${encodeURIComponent(reference)}`)).status).toBe(200)
      const created = await ask('POST', '/containers/create?name=one', { Image: reference, Cmd: ['sh', '-c', 'echo started; sleep 600'] })
      expect(created).toMatchObject({ status: 201 })
      expect((await ask('POST', '/containers/one/start')).status).toBe(204)
      await dispatcher.close()
      await podman.restart()
      expect(await podman.podman(['inspect', '--format', '{{.State.Status}}', 'one'])).toBe('running\n')
      await expect.poll(() => podman.podman(['logs', 'one'])).toBe('started\n')
    } finally {
      await podman.stop()
      await registry.stop()
    }
    await expect(access(podman.dir)).rejects.toThrow('ENOENT')
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(podman.dir)
    expect(await must('sh', ['-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'])).not.toContain(podman.dir)
  })
})

describe('two Podmans side by side', () => {
  it('have a network, addresses and locks of their own, and the end of one leaves the other as it is', async () => {
    const registry = await startRegistry({ log: console.error })
    const { reference } = await pushImage(registry, 'busybox', '1', await busyboxImage())
    const [one, two] = await Promise.all([startPodman(), startPodman()])
    try {
      for (const [table, chain] of [['filter', 'NETAVARK_FORWARD'], ['nat', 'NETAVARK-HOSTPORT-DNAT']] as const) await must('iptables', ['-w', '-t', table, '-n', '-L', chain])
      const run = (podman: typeof one, name: string) => podman.podman(['run', '--detach', '--name', name, reference, 'sh', '-c', 'ip -4 -o address show eth0; sleep 600'])
      await Promise.all([run(one, 'a'), run(two, 'a')])
      const address = (podman: typeof one) => until('its address', async () => /inet (10\.\d+)\./.exec(await podman.podman(['logs', 'a']))?.[1])
      expect(await address(one)).not.toBe(await address(two))
      await one.stop()
      await run(two, 'b')
      for (const name of ['a', 'b']) expect(await two.podman(['rm', '--force', '--time', '0', name])).toBe(`${name}\n`)
    } finally {
      await one.stop()
      await two.stop()
      await registry.stop()
    }
  })
})
