import { Command } from 'commander'
import { clusterReason, clusterStatus, startCluster, stopCluster } from './cluster.ts'
import { HOST_ADDRESS } from './settings.ts'

const program = new Command('npm run cluster --')
  .description(
    'A real Kubernetes cluster with one node on this machine, to play with and for the tests.\n' +
      'It is built from Go modules once (about six minutes), kept in a cache folder, and then starts in seconds.',
  )
  .addHelpText('after', `
Examples:
  npm run cluster -- up          start it; prints the KUBECONFIG to export
  npm run cluster -- status      what runs, and its registry
  npm run cluster -- down        stop it and remove every trace

Pods reach the host at ${HOST_ADDRESS}. Images pushed to the registry that \`up\` prints can be pulled by pods.
It needs Linux and root. Nothing of your own kubeconfig is read or changed.`)

const started = performance.now()
const say = (line: string) => console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`)

program
  .command('up')
  .description('start the cluster and leave it running')
  .action(async () => {
    const reason = await clusterReason()
    if (reason !== undefined) return fail(`the test cluster cannot run here: ${reason}`)
    const cluster = await startCluster({ keep: true, log: say })
    say(cluster.joined ? 'it was running already' : 'ready')
    console.error(`\nregistry: ${cluster.registry.host}    kubectl: ${cluster.kubectlProgram}\nstop it with: npm run cluster -- down\n`)
    console.log(`export KUBECONFIG=${cluster.kubeconfig}`)
  })

program
  .command('down')
  .description('stop the cluster, whoever started it, and remove everything of it')
  .action(async () => {
    console.error((await stopCluster(say)) ? 'the test cluster is gone' : 'no test cluster was running')
  })

program
  .command('status')
  .description('say whether it runs; exit status 0 when it does')
  .action(async () => {
    const status = await clusterStatus()
    switch (status.kind) {
      case 'down':
        return fail('down')
      case 'broken':
        return fail(`broken; npm run cluster -- down cleans up:\n  ${status.problems.join('\n  ')}`)
      case 'up':
        console.error(`up; registry ${status.registry}; ${status.kept ? 'kept until down' : `used by ${status.users} test run(s)`}`)
        console.log(`export KUBECONFIG=${status.kubeconfig}`)
    }
  })

function fail(line: string): void {
  console.error(line)
  process.exitCode = 1
}

try {
  await program.parseAsync()
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
