#!/usr/bin/env node
// npm test [-- PATTERN…]: sets up what is missing, then runs every test, or those in files whose path holds a PATTERN.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { goTests } from './lib/go-tests.mjs'
import { airsideNode, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
const patterns = process.argv.slice(2)

/** One run of vitest: its exit status, and what became of each test. */
async function vitest(config) {
  const report = join(tmpdir(), `airside-tests-${process.pid}.json`)
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await node([program, 'run', '--config', config, '--passWithNoTests', ...reporters, ...patterns], 'inherit')
  const tests = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap((file) => file.assertionResults)
  rmSync(report, { force: true })
  return { status, tests }
}

/** Gets ready what tests on real things need; gives how many files will run, and what cannot run here: `{name, files, reason}`. */
async function prepareRealTests() {
  const { status, stdout } = await node(['--disable-warning=ExperimentalWarning', join(root, 'test', 'real-tests.ts'), ...patterns], 'pipe')
  if (status !== 0) throw new Error('what the tests need could not be made ready')
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

function node(args, stdout) {
  return new Promise((resolve, reject) => {
    const child = spawn(airsideNode(), args, { cwd: root, stdio: ['inherit', stdout, 'inherit'] })
    let text = ''
    child.stdout?.on('data', (data) => (text += data))
    child.on('error', reject)
    child.on('close', (code) => resolve({ status: code ?? 1, stdout: text }))
  })
}

try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  const runs = [await goTests(patterns, log), await vitest('vitest.config.ts')]
  const { willRun, leftOut } = await prepareRealTests()
  if (willRun > 0) runs.push(await vitest('vitest.real.config.ts'))

  const tests = runs.flatMap((run) => run.tests)
  const count = (status) => tests.filter((test) => test.status === status).length
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  // On real things a test has a second try; that it needed one is a defect to look into, and so it is told.
  const second = tests.filter((test) => test.status === 'passed' && test.failureMessages?.length > 0)
  for (const test of second) console.log(`passed at the second try: ${test.fullName}\n  first: ${test.failureMessages.join('\n').split('\n').slice(0, 12).join('\n  ')}`)
  for (const test of skipped) console.log(`left out: ${test.fullName}`)
  for (const { name, files, reason } of leftOut) console.log(`left out: ${files.length} test files that need ${name} (${reason})`)
  const skips = skipped.length + leftOut.reduce((sum, { files }) => sum + files.length, 0)
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${skips} skipped`)
  // On the machine that decides, a test that did not run is a test that failed.
  const strict = process.env.CI === 'true' && process.platform === 'linux' && process.getuid?.() === 0
  const bad = runs.some((run) => run.status !== 0) || count('passed') === 0 || (strict && skips > 0)
  process.exitCode = bad ? 1 : 0
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
