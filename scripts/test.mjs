#!/usr/bin/env node
// npm test [-- PATTERN]: sets up what is missing, then runs the tests whose path matches.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { airsideNode, ensurePackages, ensureSupervisor, root } from './lib/setup.mjs'

const log = (line) => console.error(line)
try {
  await ensurePackages(log)
  await ensureSupervisor(log)
  const report = join(tmpdir(), `airside-tests-${process.pid}.json`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
  const code = await new Promise((resolve) => {
    const child = spawn(airsideNode(), args, { cwd: root, stdio: 'inherit' })
    child.on('error', () => resolve(1))
    child.on('close', (status) => resolve(status ?? 1))
  })
  const results = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report, { force: true })
  const skipped = results.testResults.flatMap((file) => file.assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed'))
  for (const test of skipped) console.log(`left out: ${test.fullName}`)
  if (process.env.AIRSIDE_TEST_REAL !== '1') console.log('not run: tests of the container engine and of the real cluster (AIRSIDE_TEST_REAL=1 runs them; the cluster takes minutes to build once)')
  console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${skipped.length} skipped`)
  // On the machine that decides, a test that did not run is a test that failed.
  const strict = process.env.CI === 'true' && process.platform === 'linux' && process.getuid?.() === 0
  process.exitCode = (strict && skipped.length > 0) || code !== 0 || results.numPassedTests === 0 ? 1 : 0
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
