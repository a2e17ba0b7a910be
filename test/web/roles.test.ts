import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab, type Tab } from './harness/browser.ts'
import type { Person } from './harness/web-server.ts'
import { webWorld } from './harness/world.ts'

/** The operator has given one route to members alone (config-rbac). */
const world = webWorld({ roles: new Map([['PauseJob', 'member']]) })
const golden = join(import.meta.dirname, 'roles.golden.txt')

/** Who looks; of team payments the role, as the golden list names them. */
const callers: readonly (readonly [name: string, person: Person | undefined])[] = [
  ['stranger', undefined], ['other team', 'max'], ['viewer', 'vera'], ['operator', 'otto'], ['member', 'mia'], ['owner', 'olga'], ['admin', 'ana'],
]
const inTeam = ['viewer', 'operator', 'member', 'owner', 'admin']

const team = '/teams/payments'
/** By pipeline: the version of its config that another followed. */
const versionBefore = new Map<string, number>()
const pages = (pipeline: string, job: string): (readonly [string, string])[] => [
  [`${pipeline}`, `${team}/pipelines/${pipeline}`],
  [`${pipeline} config`, `${team}/pipelines/${pipeline}/config`],
  [`${pipeline} job ${job}`, `${team}/pipelines/${pipeline}/jobs/${job}`],
  [`${pipeline} build of ${job}`, `${team}/pipelines/${pipeline}/jobs/${job}/builds/1`],
  [`${pipeline} resource`, `${team}/pipelines/${pipeline}/resources/repo`],
  [`${pipeline} causality`, `${team}/pipelines/${pipeline}/resources/repo/causality/${versions.get(pipeline)}/downstream`],
  [`${pipeline} config before`, `${team}/pipelines/${pipeline}/config?version=${versionBefore.get(pipeline)}`],
]
const ofServer = [['dashboard', '/'], ['builds', '/builds'], ['team', team], ['account', '/account'], ['admin', '/admin'], ['download-fly', '/download-fly']] as const
/** A build that runs, of a job that is not public. */
const running: readonly (readonly [string, string])[] = [['open build that runs', `${team}/pipelines/open/jobs/held/builds/1?tab=image`], ['open log that runs', `${team}/pipelines/open/jobs/held/builds/1?tab=log`]]
/** By pipeline: the id of its resource's version. */
const versions = new Map<string, number>()

/** The actions of the list: the beginnings of the names of their buttons. */
const actions = ['Pause', 'Unpause', 'Trigger', 'Rerun', 'Abort', 'Comment', 'Check now', 'Check from…', 'Clear versions', 'Remove', 'Rename', 'Destroy', 'Order…', 'Create token', 'Show it to everybody', 'Expose to everybody', 'Hide from strangers', 'Archive', 'Pin version', 'Disable version', 'Edit…', 'Set a pipeline here', 'Add', 'Open terminal', 'Save the order', 'Roll back']

/** Words that stand in nothing but what must be hidden. */
const log = { hidden: 'log-of-the-hidden-job', running: 'log-of-the-running-job', shown: 'log-of-the-shown-job', private: 'log-of-the-private-pipeline' }
const source = 'registry.example/source-for-members'

/** By page: what its content shows to those who may see it. */
const wordOf: Readonly<Record<string, string>> = { 'closed build of unit': log.private, 'closed config': source, 'closed config before': source, 'open build of hidden': log.hidden, 'open log that runs': log.running, 'open config': source, 'open config before': source, 'open build of shown': log.shown }

beforeAll(async () => {
  const api = await world.server.as('ana')
  await api.call('PUT', '/teams/payments', {
    auth: { owner: { users: ['local:olga'] }, member: { users: ['local:mia'] }, 'pipeline-operator': { users: ['local:otto'] }, viewer: { users: ['local:vera'] } },
  })
  await api.call('PUT', '/teams/other', { auth: { owner: { users: ['local:max'] } } })
  const resources = `resource_types: [{name: fake, type: registry-image, source: {repository: registry.example/tools}}]
resources: [{name: repo, type: fake, check_every: never, source: {repository: ${source}, versions: [{ref: first}]}}]\njobs:\n- {name: uses, plan: [{get: repo}]}`
  const olga = await world.server.as('olga')
  for (const pipeline of ['closed', 'open']) {
    await olga.setPipeline(pipeline, resources, { team: 'payments' })
    const [first] = await olga.call<{ version: number }[]>('GET', `${team}/pipelines/${pipeline}/config/versions`)
    versionBefore.set(pipeline, first?.version ?? 0)
  }
  await olga.setPipeline('closed', `${resources}${taskJob('unit', { FAKE_STDOUT: log.private })}`, { team: 'payments' })
  await olga.setPipeline('open', `${resources}${taskJob('hidden', { FAKE_STDOUT: log.hidden })}${taskJob('shown', { FAKE_STDOUT: log.shown }).replace('plan:', 'public: true\n  plan:')}${taskJob('held', { FAKE_STDOUT: `${log.running}\nthe rest`, FAKE_SPLIT: '23', FAKE_HOLD: 'held' })}`, { team: 'payments' })
  await olga.call('PUT', '/teams/payments/pipelines/open/expose')
  for (const [pipeline, job] of [['closed', 'unit'], ['open', 'hidden'], ['open', 'shown']] as const) expect(await olga.ended(await olga.trigger(pipeline, job, 'payments'))).toBe('succeeded')
  for (const pipeline of ['closed', 'open']) {
    const p = `/teams/payments/pipelines/${pipeline}/resources/repo`
    expect(await olga.ended((await olga.call<{ id: number }>('POST', `${p}/check`, { from: null })).id)).toBe('succeeded')
    versions.set(pipeline, (await olga.call<{ id: number }[]>('GET', `${p}/versions`))[0]?.id ?? 0)
  }
  await olga.trigger('open', 'held', 'payments')
})

/** All that a page was given by the server. */
function received(tab: Tab): () => Promise<string> {
  const parts: (string | Promise<string>)[] = []
  tab.page.on('response', (response) => void (new URL(response.url()).pathname.startsWith('/api/') && parts.push(response.text().catch(() => ''))))
  tab.page.on('websocket', (socket) => void socket.on('framereceived', ({ payload }) => void parts.push(String(payload))))
  return async () => (await Promise.all(parts)).join('\n')
}

/** What a page shows: its headings, and actions by what they need. */
async function shown(tab: Tab): Promise<string> {
  await tab.settled()
  // What changes a pipeline as a whole stands in a dialog of its page.
  const manage = tab.page.getByRole('button', { name: 'Manage…' })
  if ((await manage.count()) > 0 && (await tab.page.getByRole('dialog').count()) === 0) {
    await manage.click()
    await tab.page.getByRole('dialog').waitFor()
  }
  return tab.page.evaluate((names) => {
    const main = document.querySelector('main')
    const texts = (selector: string): string[] => [...(main?.querySelectorAll(selector) ?? [])].map((element) => (element.textContent ?? '').trim().replaceAll(/\s+/g, ' '))
    const found = new Map<string, Set<string>>()
    for (const button of main?.querySelectorAll('button') ?? []) {
      const label = (button.getAttribute('aria-label') ?? button.textContent ?? '').trim()
      const action = names.find((name) => label === name || label.startsWith(`${name} `))
      if (action === undefined) continue
      const { title } = button
      const role = /^You need the role ([\w-]+) in team payments$/.exec(title)?.[1]
      const needs = button.getAttribute('aria-disabled') !== 'true' ? 'may' : role !== undefined ? `needs ${role}` : title === 'Log in to do this' ? 'needs a login' : title === 'You need to be an administrator of this server' ? 'needs admin' : 'not now'
      found.set(needs, (found.get(needs) ?? new Set()).add(action))
    }
    const heading = texts('h1')[0] ?? texts('h2')[0] ?? ''
    return [heading, ...[...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([needs, done]) => `${needs}: ${[...done].toSorted().join(', ')}`)].join(' | ')
  }, actions)
}

test.each(callers)('W17: what %s sees on each page is as listed, and no page is given more than it may show', async (name, person) => {
  await using tab = await openTab(world.browser, world.server, { ...(person !== undefined && { person }) })
  const refused = ['401 GET', '403 GET']
  for (const beginning of refused) tab.expectRefusal(beginning)
  const data = received(tab)
  const updating = process.env['UPDATE_GOLDENS'] === '1'
  const listed = updating ? [] : linesOf(await readFile(golden, 'utf8'), name)
  const lines: string[] = []
  const texts: string[] = []
  for (const [page, path] of [...ofServer, ...pages('closed', 'unit'), ...pages('open', 'hidden'), ...running, ...(inTeam.includes(name) ? [] : pages('open', 'shown').slice(2, 4))]) {
    await tab.page.goto(path)
    const line = async (): Promise<string> => `${page.padEnd(26)} ${name.padEnd(10)} ${await shown(tab)}`
    // What a page shows comes in pieces: it is waited for.
    if (!updating) await expect.poll(line).toBe(listed.find((one) => one.startsWith(page.padEnd(27))))
    lines.push(await line())
    // What is to be in the log, and what the config says, may come after the rest of the page.
    const word = wordOf[page]
    if (word !== undefined && (inTeam.includes(name) || word === log.shown)) await tab.page.getByText(word).first().waitFor()
    texts.push(await tab.page.getByRole('main').innerText())
  }
  const all = `${await data()}\n${texts.join('\n')}`
  const absent = inTeam.includes(name) ? [] : [log.private, log.hidden, log.running, source, 'olga']
  if (!inTeam.includes(name)) expect(await data()).not.toContain('closed')
  expect(absent.filter((word) => all.includes(word))).toEqual([])
  expect(Object.values(log).concat(source).filter((word) => all.includes(word))).toEqual(inTeam.includes(name) ? [...Object.values(log), source] : [log.shown])
  if (updating) await update(name, lines)
  else expect(lines).toEqual(listed)
})

const linesOf = (text: string, name: string): string[] => text.split('\n').filter((line) => line.slice(27, 37).trim() === name && !line.startsWith('#'))

async function update(name: string, lines: readonly string[]): Promise<void> {
  const before = await readFile(golden, 'utf8').catch(() => '# What each page shows to whom: its heading, actions that they may do, and those that are disabled, with what they need.\n')
  const others = before.split('\n').filter((line) => line !== '' && !linesOf(before, name).includes(line))
  const order = (line: string): number => (line.startsWith('#') ? -1 : callers.findIndex(([one]) => line.slice(27, 37).trim() === one))
  await writeFile(golden, `${[...others, ...lines].toSorted((a, b) => order(a) - order(b)).join('\n')}\n`)
}
