#!/usr/bin/env node
// npm test [-- PATTERN…]: sets up what is missing, then runs every test, or those in files whose path holds a PATTERN.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { goTests } from './lib/go-tests.mjs'
import { airsideNode, ensurePackages, ensureSupervisor, ensureWeb, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
const patterns = process.argv.slice(2)
const began = performance.now()

/** One run of vitest: its exit status, what became of each test, and how long each file took. */
async function vitest(config) {
  const report = join(tmpdir(), `airside-tests-${process.pid}.json`)
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'lib', 'test-report.mjs')}`]
  const { status } = await node([program, 'run', '--config', config, '--passWithNoTests', ...reporters, ...patterns], 'inherit', { AIRSIDE_TEST_REPORT: report })
  const { tests, files } = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report, { force: true })
  return { status, tests, files }
}

/** Gets ready what tests on real things need; gives how many files will run, and what cannot run here: `{name, files, reason}`. */
async function prepareRealTests() {
  const { status, stdout } = await node(['--disable-warning=ExperimentalWarning', join(root, 'test', 'real-tests.ts'), ...patterns], 'pipe')
  if (status !== 0) throw new Error('what the tests need could not be made ready')
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Where the minutes go: the files that took longest, and what all of them took one after the other. */
function printTimes(files) {
  const slow = files.filter(({ seconds }) => seconds >= 5).toSorted((a, b) => b.seconds - a.seconds)
  for (const { file, seconds } of slow) console.log(`${seconds.toFixed(0).padStart(6)} s  ${file}`)
  const sum = files.reduce((total, { seconds }) => total + seconds, 0)
  console.log(`${sum.toFixed(0).padStart(6)} s  all ${files.length} files, in ${((performance.now() - began) / 60_000).toFixed(1)} minutes of this run`)
}

function node(args, stdout, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(airsideNode(), args, { cwd: root, env: { ...process.env, ...env }, stdio: ['inherit', stdout, 'inherit'] })
    let text = ''
    child.stdout?.on('data', (data) => (text += data))
    child.on('error', reject)
    child.on('close', (code) => resolve({ status: code ?? 1, stdout: text }))
  })
}

try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  await ensureWeb(log)
  // The supervisor's tests mostly wait: they run beside the quick ones.
  const runs = await Promise.all([goTests(patterns, log), vitest('vitest.config.ts')])
  const { willRun, leftOut } = await prepareRealTests()
  if (willRun > 0) runs.push(await vitest('vitest.real.config.ts'))

  const tests = runs.flatMap((run) => run.tests)
  const count = (status) => tests.filter((test) => test.status === status).length
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  printTimes(runs.flatMap((run) => run.files ?? []))
  // Again at the end, since a log that is cut from its front still shows it.
  for (const test of tests.filter(({ status }) => status === 'failed')) {
    console.log(`failed: ${test.file}: ${test.fullName}\n  ${test.errors.join('\n').split('\n').slice(0, 12).join('\n  ')}`)
  }
  // No test has a second try by our configuration; one that gives itself one, and needs it, is a failure all the same.
  const second = tests.filter((test) => test.status === 'passed' && test.tries > 1)
  for (const test of second) console.log(`failed: it passed at a second try only: ${test.file}: ${test.fullName}\n  first: ${test.errors.join('\n').split('\n').slice(0, 12).join('\n  ')}`)
  for (const test of skipped) console.log(`left out: ${test.fullName}`)
  for (const { name, files, reason } of leftOut) console.log(`left out: ${files.length} test files that need ${name} (${reason})`)
  const skips = skipped.length + leftOut.reduce((sum, { files }) => sum + files.length, 0)
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${skips} skipped`)
  // On the machine that decides, a test that did not run is a test that failed.
  const strict = process.env.CI === 'true' && process.platform === 'linux' && process.getuid?.() === 0
  const bad = runs.some((run) => run.status !== 0) || count('passed') === 0 || second.length > 0 || (strict && skips > 0)
  process.exitCode = bad ? 1 : 0
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
