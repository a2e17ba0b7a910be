import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFly } from '../fly/terminal.ts'
import { commands, fileOf, flyCommands } from './commands.ts'
import type { Recording } from './exchange.ts'
import { Normaliser } from './normalise.ts'
import { startProxy } from './proxy.ts'
import { startWireWorld } from './world.ts'

const fly = process.env['FLY']
const folder = join(import.meta.dirname, 'recordings')

/** With FLY=/path/to/fly: its requests are still those that were recorded. UPDATE_GOLDENS=1 records them. */
test('fly sends what was recorded', async () => {
  const world = await startWireWorld()
  const proxy = await startProxy(world.url)
  const run = (args: string, typed?: { readonly after: string; readonly text: string }) =>
    runFly({ fly: fly as string, folder: world.folder, args: args.split(' ').map((word) => word.replace('{url}', proxy.url).replace('{password}', world.password)), ...(typed && { typed }) })
  try {
    const normaliser = new Normaliser(new Map([['url', world.url], ['registry', world.registry], ['password', world.password]]))
    const recordings: Recording[] = []
    for (const { args, typed, status = 0 } of commands) {
      const ran = await run(args, typed)
      expect(ran.status, `fly ${args}\n${ran.out}`).toBe(status)
      recordings.push({ command: `fly ${args}`, exchanges: (await proxy.take()).map((passed) => normaliser.exchange(passed)) })
    }
    const listed = [...(await run('help')).out.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name]) => name)
    expect(listed).toEqual(flyCommands)
    for (const [index, recording] of recordings.entries()) {
      const file = join(folder, fileOf(index))
      if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(file, `${JSON.stringify(recording, undefined, 1)}\n`)
      const stored = JSON.parse(await readFile(file, 'utf8')) as Recording
      // fly asks for those who were active in the last two months, by their day.
      const sent = ({ exchanges }: Recording) => exchanges.map(({ method, path }) => `${method} ${path.replace(/since=\d{4}-\d\d-\d\d/, 'since=DAY')}`)
      expect(sent(recording), recording.command).toEqual(sent(stored))
    }
  } finally {
    await proxy.stop()
    await world.stop()
  }
})
