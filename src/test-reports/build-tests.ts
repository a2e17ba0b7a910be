import type { ArtifactStore } from '../artifacts/store.ts'
import { testSources } from '../builds/test-sources.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import { ok, type Result } from '../model/result.ts'
import type { TestReports } from '../model/test-report.ts'
import { TestReportReader } from './test-reports.ts'

interface Stores {
  readonly builds: Parameters<typeof testSources>[0]
  readonly stepArtifacts: { ofBuild(buildId: number): Promise<readonly { readonly planId: string; readonly name: string; readonly artifact: ArtifactRef }[]> }
  readonly artifacts: Pick<ArtifactStore, 'open'>
}

/** Reads the test reports in the outputs of a build's tasks. */
export function buildTests({ builds, stepArtifacts, artifacts }: Stores): (buildId: number) => Promise<Result<TestReports, string>> {
  const reader = new TestReportReader(artifacts)
  return async (buildId) => {
    const [sources, stored] = await Promise.all([testSources(builds, buildId), stepArtifacts.ofBuild(buildId)])
    if (sources === undefined) return ok({ counts: { passed: 0, failed: 0, errored: 0, skipped: 0 }, suites: [], leftOut: [] })
    const outputs = sources.tasks.flatMap((plan) => stored.filter(({ planId }) => planId === plan).map(({ name, artifact }) => ({ plan, name, artifact })))
    return reader.read(outputs, sources.secrets)
  }
}
