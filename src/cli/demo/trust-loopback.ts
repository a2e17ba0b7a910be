import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../lib/errors.ts'

const loopback = '[[registry]]\nprefix = "127.0.0.1"\nlocation = "127.0.0.1"\ninsecure = true\n'

/**
 * Lets a Podman that this process starts itself pull over plain HTTP from 127.0.0.1; other engines do, or are told to. Registries of the
 * user's configuration stay as they are. A configuration that the environment names is left alone.
 */
export async function trustLoopback(folder: string): Promise<void> {
  if (process.env['CONTAINERS_REGISTRIES_CONF']) return
  const users = await firstOf([join(process.env['XDG_CONFIG_HOME'] || join(process.env['HOME'] ?? '', '.config'), 'containers/registries.conf'), '/etc/containers/registries.conf'])
  const conf = join(folder, 'registries.conf')
  await writeFile(conf, withLoopback(users))
  process.env['CONTAINERS_REGISTRIES_CONF'] = conf
}

/** A file of the first version of that format cannot hold entries of the second: it gives way. */
export const withLoopback = (text: string): string => (/^\s*\[registries\./m.test(text) ? loopback : `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${loopback}`)

async function firstOf(files: readonly string[]): Promise<string> {
  for (const file of files) {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
  return ''
}
