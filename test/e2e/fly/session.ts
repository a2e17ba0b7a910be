import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runFly, type FlyRun, type Ran } from './terminal.ts'

export interface SessionPlace {
  /** The program. */
  readonly fly: string
  /** The files of writeSessionFiles. */
  readonly folder: string
  readonly url: string
  readonly password: string
  /** The runtime's worker, by name. */
  readonly worker: string
}

interface Expected extends Pick<FlyRun, 'input' | 'terminal' | 'typed' | 'onOutput'> {
  readonly status?: number
  /** What its output holds, in this order. */
  readonly says?: readonly (string | RegExp)[]
}

/** Every command of fly 8.2.5 against a server, in an order in which each finds what it needs, as its user would go. */
export async function flySession({ fly, folder, url, password, worker }: SessionPlace): Promise<void> {
  const transcript = process.env['FLY_TRANSCRIPT']
  const names = new Set<string>()

  async function run(line: string | readonly string[], options: Pick<FlyRun, 'input' | 'terminal' | 'typed' | 'onOutput'> = {}): Promise<Ran> {
    const args = typeof line === 'string' ? line.split(' ') : line
    const started = performance.now()
    const ran = await runFly({ fly, folder, args, ...options })
    names.add((args[0] === '-t' ? args[2] : args[0]) ?? '')
    const took = Math.round(performance.now() - started)
    if (transcript !== undefined) await appendFile(transcript, `$ fly ${args.join(' ').replaceAll(password, 'PASSWORD')}\n${ran.out.trimEnd()}\n[${ran.status}, ${took} ms]\n`)
    return ran
  }
  async function expectFly(line: string | readonly string[], { status = 0, says = [], ...options }: Expected = {}): Promise<string> {
    const { status: ended, out } = await run(line, options)
    const command = `fly ${typeof line === 'string' ? line : line.join(' ')}`
    const plain = out.replaceAll(/\u001B\[[0-9;]*m/g, '').replaceAll('\r', '')
    expect.soft(ended, `${command}\n${out}`).toBe(status)
    let rest = plain
    for (const said of says) {
      const at = typeof said === 'string' ? rest.indexOf(said) : rest.search(said)
      expect.soft(at, `${command} does not say ${String(said)} (there), but:\n${plain}`).not.toBe(-1)
      rest = rest.slice(at)
    }
    return plain
  }

  // Who one is.
  await expectFly(`login -t x -c ${url} -u admin -p wrong`, { status: 1, says: ['Invalid username or password'] })
  await expectFly(`login -t x -c ${url} -u admin -p ${password}`, { says: ["logging in to team 'main'", 'target saved'] })
  await expectFly(`login -t spare -c ${url} -u admin -p ${password}`)
  await expectFly('-t x status', { says: ['logged in successfully'] })
  await expectFly('-t x userinfo', { says: [/admin\s+main\/owner/] })
  await expectFly('targets', { says: [/spare\s+http/, /x\s+http\S+\s+main\s+\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} UTC/] })
  await expectFly('-t spare edit-target --target-name other', { says: ['Updated target: spare'] })
  await expectFly('-t other delete-target', { says: ['deleted target: other'] })
  await expectFly('help', { says: ['Available commands:'] })
  await expectFly('completion --shell bash', { says: ['complete'] })

  // Teams.
  await expectFly('-t x teams', { says: ['main'] })
  await expectFly('-t x set-team -n web -c team.yml --non-interactive', { says: ['team created'] })
  await expectFly('-t x get-team -n web', { says: [/web\/owner\s+local:admin/, /web\/viewer\s+none\s+oidc:everybody/] })
  await expectFly('-t x rename-team -o web -n site', { says: ['Team successfully renamed to site'] })
  await expectFly('-t x teams', { says: ['main', 'site'] })
  await expectFly('-t x destroy-team -n site --non-interactive', { says: ['`site` deleted'] })
  await expectFly('-t x destroy-team -n main --non-interactive', { status: 1 })

  // A pipeline's config.
  await expectFly('validate-pipeline -c pipeline.yml', { says: ['looks good'] })
  await expectFly('format-pipeline -c pipeline.yml', { says: ['jobs:'] })
  await expectFly('-t x set-pipeline -p demo -c refused.yml -n', { status: 1, says: ['invalid pipeline config', 'jobs.unit.plan[0].get: there is no resource `nothing`'] })
  await expectFly('-t x set-pipeline -p demo -c pipeline.yml -n', { says: ['resource image has been added', 'job unit has been added', 'pipeline created!', `${url}/teams/main/pipelines/demo`, 'the pipeline is currently paused'] })
  await expectFly('-t x set-pipeline -p demo -c pipeline.yml -n', { says: ['no changes to apply'] })
  await writeFile(join(folder, 'got.yml'), await expectFly('-t x get-pipeline -p demo'))
  await expectFly('-t x set-pipeline -p demo -c got.yml -n', { says: ['no changes to apply'] })
  await expectFly('-t x checklist -p demo', { says: ['#- demo', `unit: concourse.check ${url} main demo unit`] })
  await expectFly('-t x pipelines', { says: [/demo\s+yes\s+no/] })
  await expectFly('-t x paused-pipelines', { says: ['demo'] })
  await expectFly('-t x unpause-pipeline -p demo', { says: ["unpaused 'demo'"] })
  await expectFly('-t x pause-pipeline -p demo', { says: ["paused 'demo'"] })
  await expectFly('-t x unpause-pipeline -p demo')
  await expectFly('-t x expose-pipeline -p demo', { says: ["exposed 'demo'"] })
  await expectFly('-t x pipelines', { says: [/demo\s+no\s+yes/] })
  await expectFly('-t x hide-pipeline -p demo', { says: ["hid 'demo'"] })

  // Resources.
  await expectFly('-t x check-resource -r demo/image', { says: [/checking demo\/image in build \d+/, 'initializing check: image', 'succeeded'] })
  await expectFly('-t x check-resource -r demo/letter --from number:1', { says: [/checking demo\/letter in build \d+/, 'succeeded'] })
  await expectFly('-t x check-resource-type -r demo/tool', { says: [/checking demo\/tool in build \d+/, 'succeeded'] })
  // The containers of checks that went well wait for the next check of the resource. One that was entered is left to whoever was in it.
  await expectFly('-t x containers', { says: [new RegExp(`${worker}\\s+demo\\s+none\\s+none\\s+none\\s+check\\s+letter`)] })
  await expectFly(['-t', 'x', 'hijack', '-c', 'demo/letter', '--', 'sh', '-c', 'echo in $(ls /opt/resource/check); exit 5'], { status: 5, says: ['in /opt/resource/check'] })
  await expectFly('-t x check-resource -r demo/letter', { says: ['succeeded'] })
  await expectFly(['-t', 'x', 'hijack', '-u', `${url}/teams/main/pipelines/demo/resources/letter`, '--', 'cat'], { input: 'typed\n', says: ['typed'] })
  // A check that begins while somebody is in one takes another, and the session goes on.
  const handlesOfLetter = async () => (JSON.parse(await expectFly('-t x containers --json')) as { id: string; resource_name?: string }[]).filter(({ resource_name: name }) => name === 'letter').map(({ id }) => id)
  const [occupied = ''] = await handlesOfLetter()
  const inside = Promise.withResolvers<void>()
  const session = expectFly(['-t', 'x', 'hijack', '--handle', occupied, '--', 'sh', '-c', 'echo inside; until [ -e /go ]; do sleep 0.1; done; echo still there; exit 6'], {
    status: 6, says: ['inside', 'still there'], onOutput: (out) => void (out.includes('inside') && inside.resolve()),
  })
  await Promise.race([inside.promise, session])
  await expectFly('-t x check-resource -r demo/letter', { says: ['succeeded'] })
  expect.soft((await handlesOfLetter()).filter((handle) => handle !== occupied)).toHaveLength(1)
  await expectFly(`-t x hijack --handle ${occupied} -- touch /go`)
  await session
  await expect.poll(handlesOfLetter).not.toContain(occupied)
  await expectFly('-t x hijack -c demo/image -- true', { status: 1, says: ['no containers matched your search parameters!'] })
  await expectFly('-t x check-resource -r demo/gone', { status: 1, says: ['not found'] })
  await expectFly('-t x resources -p demo', { says: [/image\s+registry-image\s+n\/a/, /letter\s+tool/] })
  const versions = JSON.parse(await expectFly('-t x resource-versions -r demo/letter --json')) as { version: Readonly<Record<string, string>> }[]
  const newest = Object.entries(versions[0]?.version ?? {}).map(([key, value]) => `${key}:${value}`).join(',')
  await expectFly(`-t x disable-resource-version -r demo/letter -v ${newest}`, { says: ['disabled'] })
  await expectFly('-t x resource-versions -r demo/letter', { says: [/\s+no/] })
  await expectFly(`-t x enable-resource-version -r demo/letter -v ${newest}`, { says: ['enabled'] })
  await expectFly(['-t', 'x', 'pin-resource', '-r', 'demo/letter', '-v', newest, '-c', 'until it works'], { says: ['pinned', 'comment'] })
  await expectFly('-t x resources -p demo', { says: [new RegExp(`letter\\s+tool\\s+${newest}`)] })
  await expectFly('-t x unpin-resource -r demo/letter', { says: ['unpinned'] })

  // Jobs and builds.
  await expectFly('-t x jobs -p demo', { says: [/unit\s+no\s+n\/a/] })
  await expectFly('-t x pause-job -j demo/unit', { says: ["paused 'unit'"] })
  await expectFly('-t x paused-jobs -p demo', { says: ['unit'] })
  await expectFly('-t x unpause-job -j demo/unit', { says: ["unpaused 'unit'"] })
  await expectFly('-t x schedule-job -j demo/unit', { says: ["scheduled 'unit'"] })
  await expectFly('-t x trigger-job -j demo/nothing', { status: 1 })
  await expectFly('-t x trigger-job -j demo/deploy', { says: ['started demo/deploy #1'] })
  await expectFly('-t x trigger-job -j demo/unit -w', { says: ['started demo/unit #1', 'initializing', 'running sh -c', 'hello from a task', 'succeeded'] })
  // It has waited for a version that passed unit.
  await expectFly('-t x watch -j demo/deploy -b 1', { says: ['deployed', 'succeeded'] })
  const matrix = await expectFly('-t x trigger-job -j demo/matrix -w', { says: ['succeeded'] })
  for (const combination of ['alpine amd64', 'alpine arm64', 'debian amd64', 'debian arm64']) expect(matrix).toContain(`combination ${combination}`)
  await expectFly('-t x trigger-job -j demo/broken -w', { status: 3, says: ['going wrong', 'failed'] })
  await expectFly('-t x watch -j demo/broken -b 1', { status: 3, says: ['going wrong', 'failed'] })
  await expectFly('-t x rerun-build -j demo/unit -b 1 -w', { says: ['started demo/unit #1.1', 'hello from a task', 'succeeded'] })

  // Inside a step that failed, and one that runs.
  await expectFly(['-t', 'x', 'hijack', '-j', 'demo/broken', '-b', '1', '-s', 'fail', '--', 'sh', '-c', 'read line; echo "got $line"; exit 7'], { status: 7, input: 'something\n', says: ['got something'] })
  await expectFly(['-t', 'x', 'intercept', '-j', 'demo/broken', '-b', '1', '-s', 'fail', '--', 'sh', '-c', 'test -t 0 && echo "on $TERM"; exit 5'], { status: 5, terminal: true, says: [/on \w+/] })
  // fly looks for bash first; what is piped to it is gone then, what is typed later is not. It says nothing of another program that is not there.
  await expectFly('-t x hijack -j demo/broken -b 1 -s fail', { status: 6, terminal: true, typed: { after: '# ', text: 'exit 6\r' } })
  await expectFly('-t x hijack -j demo/broken -b 1 -s fail -- no-such-program')
  await expectFly('-t x containers', { says: [/\stask\s+fail/] })
  let aborting: Promise<unknown> | undefined
  const enterAndAbort = async () => {
    await expectFly('-t x hijack -j demo/slow -b 1 -s wait -- sh -c exit', {})
    await expectFly('-t x abort-build -j demo/slow -b 1', { says: ['build successfully aborted'] })
  }
  await expectFly('-t x trigger-job -j demo/slow -w', {
    status: 3,
    says: ['waiting', 'interrupted', 'aborted'],
    onOutput: (out) => {
      if (/^waiting/m.test(out)) aborting ??= enterAndAbort()
    },
  })
  await aborting
  await expectFly('-t x builds', { says: [/demo\/slow\/1\s+aborted/, /demo\/broken\/1\s+failed/, /demo\/unit\/1\s+succeeded/] })
  await expectFly('-t x builds -j demo/unit', { says: [/demo\/unit\/1\.1\s+succeeded/, /demo\/unit\/1\s+succeeded/] })
  await expectFly(['-t', 'x', 'builds', '-p', 'demo', '--since', '2020-01-01 00:00:00'], { says: ['demo/unit/1'] })
  expect(await expectFly(['-t', 'x', 'builds', '--until', '2020-01-01 00:00:00'])).not.toContain('demo')

  // A build of one's own files.
  await expectFly('-t x execute -c task.yml -i in=in -o out=out -v code=0', { says: [/executing build \d+ at/, 'hello world', 'succeeded'] })
  expect(await readFile(join(folder, 'out', 'greeting'), 'utf8')).toBe('hello world\n')
  await expectFly('-t x execute -c task.yml -i in=in -v code=4', { status: 4, says: ['hello world', 'failed'] })

  await expectFly('-t x execute -c lone.yml', { says: [/executing build \d+ at/, 'no input', 'succeeded'] })

  // What it all runs on.
  await expectFly('-t x workers', { says: [new RegExp(`${worker}\\s+\\d+\\s+linux`)] })
  await expectFly('-t x volumes', { says: [worker] })
  await expectFly(`-t x land-worker -w ${worker}`, { status: 1, says: [/drain|node/] })
  await expectFly(`-t x prune-worker -w ${worker}`, { status: 1 })
  await expectFly('-t x clear-task-cache -j demo/unit -s greet -n', { says: [/\d+ caches? removed/] })
  await expectFly('-t x clear-resource-cache -r demo/image', { typed: { after: 'are you sure', text: 'y\r' }, says: [/\d+ caches? removed/] })
  await expectFly('-t x clear-versions --resource demo/letter -n', { says: [/\d+ versions? removed/] })
  await expectFly('-t x get-components', { says: [/scanner\s+\S+\s+\S+ \S+\s+false/, /scheduler\s/] })
  await expectFly('-t x pause-component -n scheduler', { says: ["paused 'scheduler'"] })
  await expectFly('-t x get-components', { says: [/scheduler\s.*\strue/] })
  await expectFly('-t x unpause-component -n scheduler', { says: ["unpaused 'scheduler'"] })
  await expectFly('-t x pause-component --runtime-components --gc-components', { says: ["paused 'tracker'"] })
  await expectFly('-t x unpause-component -a', { says: ['all components unpaused'] })
  await expectFly('-t x pause-component -n nothing', { status: 1 })
  await expectFly('-t x set-wall -m down-at-noon')
  await expectFly('-t x get-wall', { says: ['down-at-noon'] })
  await expectFly('-t x clear-wall')
  await expectFly('-t x active-users', { says: [/admin\s+local/] })
  await expectFly('-t x curl /api/v1/info', { says: ['"version"'] })
  await expectFly('-t x sync -f', { status: 1 })

  // Order, instances, names and the end of pipelines.
  await expectFly('-t x set-pipeline -p inst -i a=1 -c instance.yml -n', { says: ['pipeline created!'] })
  await expectFly('-t x set-pipeline -p inst -i a=2 -c instance.yml -n')
  await expectFly('-t x order-instanced-pipelines -g inst -p a:2 -p a:1', { says: ['ordered instanced pipelines'] })
  await expectFly('-t x order-pipelines -p inst -p demo', { says: ['ordered pipelines'] })
  await expectFly('-t x pipelines', { says: [/inst\/a:2/, /inst\/a:1/, 'demo'] })
  await expectFly('-t x get-pipeline -p inst/a:1', { says: ['jobs:'] })
  await expectFly('-t x rename-pipeline -o demo -n shown', { says: ["pipeline successfully renamed to 'shown'"] })
  await expectFly('-t x archive-pipeline -p shown -n', { says: ["archived 'shown'"] })
  await expectFly('-t x pipelines --include-archived', { says: [/shown\s+yes\s+no\s+yes/] })
  await expectFly('-t x destroy-pipeline -p shown -n', { says: ['`shown` deleted'] })
  await expectFly('-t x logout', { says: ['logged out of target: x'] })
  await expectFly('-t x pipelines', { status: 1, says: ['not authorized'] })

  const all = [...(await run('help')).out.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name]) => name)
  expect(all.filter((name) => name !== undefined && !names.has(name))).toEqual([])
}
