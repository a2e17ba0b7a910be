// Builds the web UI into web/dist, each file with .br and .gz beside it, when its sources or packages have changed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { airsideNode, root } from './lib/setup.mjs'
import { run } from './lib/run.mjs'

const web = join(root, 'web')
const dist = join(web, 'dist')
const packed = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest'])

/** @param {{log: (line: string) => void}} options */
export async function buildWeb({ log }) {
  const sources = digestOfSources()
  const stamp = join(dist, '.sources')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return
  log('building the web UI')
  // Built beside it and renamed: a server that starts meanwhile reads the old one or the new one, whole.
  // A run of tests has NODE_ENV=test, with which vite builds a page that is 6 % larger.
  const production = { ...process.env, NODE_ENV: 'production' }
  const fresh = join(web, `.dist-${process.pid}`)
  try {
    for (const config of ['vite.config.ts', 'vite.terminal.config.ts']) {
      await run(airsideNode(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', web, '--config', join(web, config), '--outDir', fresh, '--logLevel', 'warn'], { cwd: root, env: production, quiet: true })
    }
    writeFileSync(join(fresh, 'icons.tsv'), await icons())
    for (const file of filesOf(fresh)) if (packed.has(extname(file))) pack(join(fresh, file))
    writeFileSync(join(fresh, '.sources'), sources)
    rmSync(dist, { recursive: true, force: true })
    renameSync(fresh, dist)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Material Design Icons, by which Concourse's pipelines name those of resources: `sourceBranch`, a tab, the path; a line each. */
async function icons() {
  const mdi = await import('@mdi/js')
  return Object.entries(mdi).flatMap(([name, path]) => (name.startsWith('mdi') && typeof path === 'string' ? [`${name.charAt(3).toLowerCase()}${name.slice(4)}\t${path}\n`] : [])).join('')
}

function pack(file) {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

function digestOfSources() {
  const hash = createHash('sha256')
  for (const file of ['package-lock.json', 'scripts/build-web.mjs', ...filesOf(web).filter((file) => !/^(dist|\.dist-\d+|node_modules)\//.test(file)).map((file) => `web/${file}`)]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0')
  }
  return hash.digest('hex')
}

/** Paths of all files, sorted, with `/`. */
function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort()
}
