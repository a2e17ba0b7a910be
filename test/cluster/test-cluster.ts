import { join } from 'node:path'
import { isInstalled, must, run, type CommandOptions, type Outcome } from '../services/command.ts'
import { buildPrograms } from './build.ts'
import { clusterReason, startCluster, type Cluster } from './cluster.ts'

/** The cluster that tests run on: our own, or a given one with less to rely on. */
export interface TestCluster {
  /** The administrator's kubeconfig file. Never the user's current one by accident. */
  readonly kubeconfig: string
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>
  tryKubectl(args: readonly string[], options?: CommandOptions): Promise<Outcome>
  /** Ours, with registry, network cuts and daemons; undefined when AIRSIDE_TEST_KUBECONFIG names another. */
  readonly own: Cluster | undefined
  stop(): Promise<void>
}

/** Why there is no cluster to test on, in one line; undefined when there is or can be one. */
export async function testClusterReason(): Promise<string | undefined> {
  return given() === undefined ? clusterReason() : undefined
}

/** AIRSIDE_TEST_KUBECONFIG's cluster or, where that is not set, our own, started or joined. */
export async function startTestCluster(log: (line: string) => void = () => undefined): Promise<TestCluster> {
  const kubeconfig = given()
  if (kubeconfig === undefined) {
    const own = await startCluster({ log })
    return { ...own, own }
  }
  const kubectl = (await isInstalled('kubectl')) ? 'kubectl' : join((await buildPrograms(['kubernetes'], log)).kubernetes, 'kubectl')
  const env = { ...process.env, KUBECONFIG: kubeconfig }
  return {
    kubeconfig,
    kubectl: (args, options) => must(kubectl, args, { ...options, env }),
    tryKubectl: (args, options) => run(kubectl, args, { ...options, env }),
    own: undefined,
    stop: async () => undefined,
  }
}

function given(): string | undefined {
  return process.env['AIRSIDE_TEST_KUBECONFIG'] || undefined
}
