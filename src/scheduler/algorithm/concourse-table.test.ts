import { describe, expect, test } from 'vitest'
import { failureText } from './why.ts'
import { resolve } from './resolve.ts'
import { casesIn, readConcourseCases, type ConcourseCase, type Row } from './testing/concourse-cases.ts'
import { World } from './testing/world.ts'

/** A checkout of concourse/concourse. No case of its table is answered otherwise: none is about a row where Airside differs on purpose. */
const checkout = process.env['CONCOURSE_SRC']

test('a case is read from the literals of a Go test', () => {
  const go = '\tEntry("a case", Example{\n DB: DB{Resources: []DBRow{\n// a comment\n{Resource: "app", CheckOrder: 2, Disabled: true},\n},},\n' +
    'Inputs: Inputs{{Name: "app", Passed: []string{"unit", "e2e"}, Version: Version{Every: true}},},\n' +
    'Result: Result{OK: true, Values: map[string]string{"app": "v1"}, PassedBuildIDs: map[string][]int{"app": []int{1, 9}}},\n}),\n'
  expect(casesIn(go)).toEqual([
    {
      name: 'a case',
      DB: { Resources: [{ Resource: 'app', CheckOrder: 2, Disabled: true }] },
      Inputs: [{ Name: 'app', Passed: ['unit', 'e2e'], Version: { Every: true } }],
      Result: { OK: true, Values: { app: 'v1' }, PassedBuildIDs: { app: [1, 9] } },
    },
  ])
})

if (checkout !== undefined) {
  const cases = await readConcourseCases(checkout)
  describe("Concourse's table of cases for version selection", () => {
    test('is read whole', () => {
      expect(cases.length).toBeGreaterThan(60)
    })
    for (const one of cases) {
      test(one.name, () => {
        expect(answer(one)).toEqual(wanted(one))
      })
    }
  })
}

function wanted({ Result }: ConcourseCase): unknown {
  return {
    ok: Result.OK,
    values: Result.Values ?? {},
    errors: Result.Errors ?? {},
    builds: Result.PassedBuildIDs,
    more: Result.HasNext === true ? true : Result.NoNext === true ? false : undefined,
  }
}

function answer({ DB = {}, Inputs, Result }: ConcourseCase): unknown {
  const ids = { jobs: numbering(), resources: numbering(), versions: numbering() }
  const world = new World()
  const rows = [...(DB.Resources ?? []), ...(DB.BuildOutputs ?? []), ...(DB.BuildInputs ?? [])]
  for (const row of rows) {
    if (row.NoResourceConfigScope === true || row.DoNotInsertVersion === true) continue
    const [resource, version] = [ids.resources.id(row.Resource ?? ''), ids.versions.id(row.Version ?? '')]
    if (world.versions.some((known) => known.resource === resource && known.version === version)) continue
    const disabled = rows.some((other) => other.Disabled === true && other.Resource === row.Resource && other.Version === row.Version)
    world.versions.push({ resource, version, order: row.CheckOrder ?? 0, disabled, content: { ver: row.Version ?? '' } })
  }
  for (const [build, listed] of Map.groupBy([...(DB.BuildOutputs ?? []), ...(DB.BuildInputs ?? [])], (row) => row.BuildID ?? 0)) {
    addBuild(build, listed)
  }

  function addBuild(build: number, listed: readonly Row[]): void {
    const [first] = listed
    const pairs = listed.map((row) => [ids.resources.id(row.Resource ?? ''), ids.versions.id(row.Version ?? '')] as const)
    if (first?.Job === 'current') {
      const pipes = (DB.BuildPipes ?? []).flatMap(({ FromBuildID = 0, ToBuildID }) => (ToBuildID === build ? [FromBuildID] : []))
      world.own.push({ build, used: pairs, pipes })
    } else if ((first?.BuildStatus ?? 'succeeded') === 'succeeded') {
      world.successes.push({
        job: ids.jobs.id(first?.Job ?? ''),
        build,
        order: first?.RerunOfBuildID ?? build,
        resources: pairs.map(([resource]) => resource),
        versions: pairs.map(([, version]) => version),
      })
    }
  }

  const inputs = Inputs.map(({ Name, Resource, Passed = [], Version }) => ({
    name: Name,
    resource: ids.resources.id(Resource),
    passed: Passed.map(ids.jobs.id),
    every: Version?.Every === true,
    ...(Version?.Pinned !== undefined && { pin: { ver: Version.Pinned } }),
  }))
  const outcome = world.run(resolve(inputs))
  const all = [...outcome.inputs]
  return {
    ok: outcome.resolved,
    values: Object.fromEntries(all.flatMap(([name, one]) => (outcome.resolved && one.kind === 'resolved' ? [[name, ids.versions.name(one.version)]] : []))),
    errors: Object.fromEntries(all.flatMap(([name, one]) => (one.kind === 'unresolved' ? [[name, failureText(one.why)]] : []))),
    builds: Result.PassedBuildIDs && Object.fromEntries(all.map(([name, one]) => [name, one.kind === 'resolved' ? one.builds : []])),
    more: Result.HasNext === true || Result.NoNext === true ? outcome.more : undefined,
  }
}

function numbering(): { readonly id: (name: string) => number; readonly name: (id: number) => string } {
  const names: string[] = []
  return {
    id: (name) => {
      if (!names.includes(name)) names.push(name)
      return names.indexOf(name) + 1
    },
    name: (id) => names[id - 1] ?? '',
  }
}
