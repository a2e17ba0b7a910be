import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../../model/json.ts'
import { ok } from '../../model/result.ts'
import { cached } from '../cached.ts'
import { systemClock } from '../../lib/clock.ts'
import { dummyManager } from '../managers/dummy.ts'
import { environmentManager } from '../managers/environment.ts'
import { filesManager } from '../managers/files.ts'
import { kubernetesManager } from '../managers/kubernetes.ts'
import { retrying } from '../retrying.ts'
import { describeSecretManager, type Place } from './suite.ts'

const pathOf = (place: Place, name: string) => (place === 'all' ? name : [place.team, ...(place.pipeline === undefined ? [] : [place.pipeline]), name].join('/'))

function dummy() {
  const vars: JsonObject = {}
  const put = (place: Place, name: string, value: string | Readonly<Record<string, string>>) => Promise.resolve(void (vars[pathOf(place, name)] = typeof value === 'string' ? value : { ...value }))
  return { manager: dummyManager(vars, 'below team'), put }
}

describeSecretManager('dummy', { open: () => Promise.resolve(dummy()) })

describeSecretManager('with retries and a cache', {
  open() {
    const { manager, put } = dummy()
    return Promise.resolve({ manager: cached(retrying(manager, { attempts: 3, intervalMs: 1 }, systemClock), { durationMs: 60_000, notFoundMs: 1 }, systemClock), put })
  },
})

describeSecretManager('files', {
  async open() {
    const directory = await mkdtemp(join(tmpdir(), 'airside-files-'))
    return {
      manager: filesManager(directory, 'below team'),
      async put(place, name, value) {
        const files = typeof value === 'string' ? [[name, `${value}\n`] as const] : Object.entries(value).map(([field, text]) => [`${name}/${field}`, text] as const)
        for (const [file, text] of files) {
          const path = join(directory, pathOf(place, file))
          await mkdir(dirname(path), { recursive: true })
          await writeFile(path, text)
        }
      },
      close: () => rm(directory, { recursive: true }),
    }
  },
})

describeSecretManager('environment', {
  without: ['teams', 'fields', 'folders'],
  open() {
    const env: Record<string, string> = {}
    return Promise.resolve({ manager: environmentManager('CI_', env), put: (_place, name, value) => Promise.resolve(void (env[`CI_${name.toUpperCase()}`] = String(value))) })
  },
})

describeSecretManager('kubernetes, on secrets in memory', {
  without: ['secrets of all', 'folders'],
  open() {
    const secrets = new Map<string, JsonObject>()
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const cluster = { read: (namespace: string, name: string) => Promise.resolve(ok(secrets.get(`${namespace}/${name}`))), close: () => Promise.resolve() }
    return Promise.resolve({
      manager: kubernetesManager(cluster, 'ci-'),
      put(place, name, value) {
        const { team, pipeline } = place === 'all' ? { team: '', pipeline: undefined } : place
        const data = Object.entries(typeof value === 'string' ? { value } : value).map(([key, text]) => [key, base64(text)] as const)
        secrets.set(`ci-${team}/${pipeline === undefined ? '' : `${pipeline}.`}${name}`, Object.fromEntries(data))
        return Promise.resolve()
      },
    })
  },
})
