import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildPrograms } from './cluster/build.ts'
import { clusterReason } from './cluster/host.ts'
import { clusterPrograms } from './cluster/recipe.ts'
import { ensurePackages, packagesReason } from './services/packages.ts'
import { podmanReason } from './services/podman.ts'
import { buildVault, vaultReason } from './services/vault-program.ts'
import { headlessShell, wholeChromium } from './web/harness/programs.ts'

const browserPackages = [
  { package: 'chromium-headless-shell', proof: headlessShell },
  { package: 'chromium', proof: wholeChromium },
  { package: 'iproute2', proof: 'ip' },
]

/** Tests that start a container engine or a cluster, on a machine that allows it. */
export interface RealTests {
  /** What they need, for people. */
  readonly name: string
  /** Globs, from the repository's root. */
  readonly files: readonly string[]
  /** Why they cannot run here; undefined when they can. */
  readonly reason: () => Promise<string | undefined>
  /** What takes minutes once, with a line of progress; kept in a cache folder. */
  readonly prepare: (log: (line: string) => void) => Promise<unknown>
}

export const realTests: readonly RealTests[] = [
  {
    name: 'a container engine',
    files: ['test/services/podman.test.ts', 'src/runtime/docker/{docker,user-namespaces,conformance,conformance-exec}.test.ts', 'test/e2e/**/*.test.ts', 'test/documents/commands.test.ts'],
    reason: podmanReason,
    prepare: () => Promise.resolve(),
  },
  {
    name: 'a Kubernetes cluster',
    files: ['test/cluster/**/*.test.ts', 'test/kubernetes/**/*.test.ts', 'test/documents/kubernetes-commands.test.ts'],
    reason: clusterReason,
    prepare: (log) => buildPrograms(clusterPrograms, log),
  },
  {
    name: 'a browser',
    files: ['test/web/**/*.test.ts'],
    reason: () => packagesReason(browserPackages),
    prepare: (log) => ensurePackages(browserPackages, log),
  },
  {
    name: 'a Vault server',
    files: ['test/credentials/vault.test.ts'],
    reason: vaultReason,
    prepare: buildVault,
  },
]

/** Sessions of Concourse's own fly, which the repository neither holds nor builds: run where FLY names the program. */
const withFly: readonly string[] = ['test/e2e/fly.test.ts', 'test/kubernetes/fly.test.ts', 'test/e2e/fly-login.test.ts', 'test/e2e/wire/record.test.ts']

/** Files that look at what all of the machine has in common: nothing else runs beside them. */
export const alone: readonly string[] = ['test/cluster/lifecycle.test.ts']

/** Files that take minutes, the longest first: the times that `npm test` prints at its end. One that begins late is waited for at the end of the run. */
export const longest: readonly string[] = [
  'test/e2e/faults/docker.test.ts',
  'test/kubernetes/airside.test.ts',
  'test/kubernetes/faults-tunnel.test.ts',
  'test/web/states.test.ts',
  'test/kubernetes/conformance-helper-container-tunnel.test.ts',
  'test/e2e/docker.test.ts',
  'test/kubernetes/conformance-image-volume-home.test.ts',
  'test/kubernetes/artifact-image.test.ts',
  'test/kubernetes/conformance-warm-tunnel.test.ts',
  'test/web/roles.test.ts',
  'test/kubernetes/conformance-image-volume-tunnel.test.ts',
  'test/kubernetes/faults-home.test.ts',
  'test/kubernetes/conformance-helper-container-home.test.ts',
  'test/kubernetes/warm-sandboxes.test.ts',
  'src/runtime/docker/conformance.test.ts',
  'test/documents/kubernetes-commands.test.ts',
  'test/kubernetes/images/paths.test.ts',
  'test/web/build.test.ts',
  'test/kubernetes/conformance-warm-home.test.ts',
  'test/web/actions.test.ts',
  'test/web/outputs.test.ts',
  'test/web/live.test.ts',
  'test/web/cuts.test.ts',
  'src/runtime/docker/conformance-exec.test.ts',
  'test/e2e/intercept.test.ts',
  'test/web/pipeline.test.ts',
  'test/e2e/faults/docker-cuts.test.ts',
  'test/web/dashboard-crowd.test.ts',
  'test/web/dashboard.test.ts',
  'test/kubernetes/waiting.test.ts',
  'test/kubernetes/cuts.test.ts',
  'test/documents/commands.test.ts',
  'test/kubernetes/images/private.test.ts',
  'test/web/terminal-podman.test.ts',
]

/** The files that can run on this machine: those that run side by side, and those that run one by one afterwards. */
export async function runnableFiles(): Promise<{ readonly together: readonly string[]; readonly afterwards: readonly string[] }> {
  const reasons = await Promise.all(realTests.map(({ reason }) => reason()))
  const files = realTests.flatMap((tests, index) => (reasons[index] === undefined ? filesOf(tests, []) : []))
  return { together: files.filter((file) => !alone.includes(file)), afterwards: files.filter((file) => alone.includes(file)) }
}

/** Files of these tests whose path holds one of the patterns; no pattern: all. */
function filesOf({ files }: RealTests, patterns: readonly string[]): string[] {
  const all = files.flatMap((glob) => globSync(glob, { cwd: join(import.meta.dirname, '..') })).filter((file) => !withFly.includes(file) || process.env['FLY'] !== undefined)
  return patterns.length === 0 ? all : all.filter((file) => patterns.some((pattern) => file.includes(pattern)))
}

// node test/real-tests.ts [PATTERN…]: gets ready what the tests need; the last line says, as JSON, how
// many files will run, and which are left out and why.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  let willRun = 0
  const leftOut: { name: string; files: readonly string[]; reason: string }[] = []
  for (const tests of realTests) {
    const files = filesOf(tests, process.argv.slice(2))
    if (files.length === 0) continue
    const reason = await tests.reason()
    if (reason === undefined) {
      await tests.prepare(console.error)
      willRun += files.length
    } else leftOut.push({ name: tests.name, files, reason })
  }
  console.log(JSON.stringify({ willRun, leftOut }))
}
