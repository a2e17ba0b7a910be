import { leaveCluster } from './cluster/cluster.ts'

/**
 * Vitest's global setup: the first file that needs the cluster starts it, the others join it, and it goes at the end of the run.
 * To start it for each file took longer than many a file.
 */
export default function shareCluster(): () => Promise<void> {
  process.env['AIRSIDE_TEST_RUN'] = `${process.pid}`
  return leaveCluster
}
