import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findGo } from './go.mjs'
import { root } from './setup.mjs'

/**
 * Runs the supervisor's own tests whose package path holds one of the patterns; no pattern: all of them.
 * @param {readonly string[]} patterns
 * @param {(line: string) => void} log
 * @returns {Promise<{status: number, tests: {file: string, fullName: string, status: 'passed' | 'failed' | 'skipped', tries: number, errors: string[]}[]}>}
 */
export async function goTests(patterns, log) {
  const go = await findGo({ log })
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off' }
  const packages = patterns.length === 0 ? ['./...'] : await matching(go, env, patterns)
  if (packages.length === 0) return { status: 0, tests: [] }
  log('testing the supervisor (go test)')
  const tests = []
  // A test's output comes before its verdict: shown only when it failed. A package that does not compile says so itself.
  const output = new Map()
  const status = await run(go, ['test', '-json', ...packages], env, (event) => {
    const name = `supervisor ${String(event.Package ?? event.ImportPath ?? '').replace(/^.*\/internal\//, '')}${event.Test ? ` ${event.Test}` : ''}`
    if (event.Action === 'output' || event.Action === 'build-output') output.set(name, (output.get(name) ?? '') + event.Output)
    const verdict = { pass: 'passed', fail: 'failed', skip: 'skipped' }[event.Action]
    if (verdict === undefined) return
    if (verdict === 'failed') process.stdout.write(output.get(name) ?? '')
    if (event.Test) tests.push({ file: 'supervisor', fullName: name, status: verdict, tries: 1, errors: verdict === 'failed' ? [output.get(name) ?? ''] : [] })
    else if (verdict !== 'skipped') log(`  ${verdict === 'passed' ? '✓' : '×'} ${name} ${event.Elapsed ?? 0} s`)
  })
  return { status, tests }
}

async function matching(go, env, patterns) {
  const found = []
  await run(go, ['list', '-json=ImportPath,Dir', './...'], env, ({ Dir }) => found.push(Dir), { whole: true })
  return found.filter((folder) => patterns.some((pattern) => folder.slice(root.length + 1).includes(pattern)))
}

/** Gives each JSON object of the output; `whole`: they are printed over several lines. */
function run(go, args, env, each, { whole = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(go, args, { cwd: join(root, 'supervisor'), env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    createInterface({ input: child.stdout }).on('line', (line) => {
      text = whole ? `${text}${line}` : line
      if (whole && line !== '}') return
      if (text.startsWith('{')) each(JSON.parse(text))
      text = ''
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
