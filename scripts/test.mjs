#!/usr/bin/env node
// npm test [-- PATTERN]: sets up what is missing, then runs the tests whose path matches; AIRSIDE_TEST_REAL=1: those on a real
// container engine and a real cluster too.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { airsideNode, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
const patterns = process.argv.slice(2)

/** One run of vitest: its exit status, and what became of each test. */
async function vitest(config) {
  const report = join(tmpdir(), `airside-tests-${process.pid}.json`)
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const status = await new Promise((resolve) => {
    const child = spawn(airsideNode(), [program, 'run', '--config', config, '--passWithNoTests', ...reporters, ...patterns], { cwd: root, stdio: 'inherit' })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
  const tests = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap((file) => file.assertionResults)
  rmSync(report, { force: true })
  return { status, tests }
}

try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  const real = process.env.AIRSIDE_TEST_REAL === '1'
  const runs = [await vitest('vitest.config.ts')]
  if (real) runs.push(await vitest('vitest.real.config.ts'))
  const tests = runs.flatMap((run) => run.tests)
  const count = (status) => tests.filter((test) => test.status === status).length
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  for (const test of skipped) console.log(`left out: ${test.fullName}`)
  if (!real) console.log('not run: tests on a real container engine and a real cluster (AIRSIDE_TEST_REAL=1 runs them; the cluster takes minutes to build once)')
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped.length} skipped`)
  // On the machine that decides, a test that did not run is a test that failed.
  const strict = process.env.CI === 'true' && process.platform === 'linux' && process.getuid?.() === 0
  const bad = runs.some((run) => run.status !== 0) || count('passed') === 0 || (strict && skipped.length > 0)
  process.exitCode = bad ? 1 : 0
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
