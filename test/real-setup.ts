import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildSupervisor } from '../scripts/build-supervisor.mjs'
import { buildWeb } from '../scripts/build-web.mjs'
import { leaveCluster } from './cluster/cluster.ts'

/**
 * Vitest's global setup of the tests on real things. The first file that needs the cluster starts it, the others join it, and it goes at
 * the end of the run: to start it for each file took longer than many a file. The supervisor is built here, not by a file while another
 * one reads it.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  await buildSupervisor()
  await buildWeb({ log: console.error })
  process.env['AIRSIDE_TEST_RUN'] = `${process.pid}`
  // As bin/airside has it: the servers that tests start are ready in half of the time.
  process.env['NODE_COMPILE_CACHE'] ??= join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'airside', 'node')
  return leaveCluster
}
