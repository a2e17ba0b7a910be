import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useApi } from '../../src/api/testing/database-world.ts'
import { newToken, tokenHash } from '../../src/auth/tokens.ts'
import { TestBrowser } from '../../src/auth/testing/browser.ts'
import type { PolicyVerdict } from '../../src/model/policy.ts'

const fly = process.env['FLY']

/** With FLY=/path/to/fly, of Concourse 8.2: how its user logs in, and gives others roles. */
describe('the real fly', () => {
  let verdict: PolicyVerdict = { kind: 'allowed' }
  const asksAbout = new Set(['SaveConfig', 'CreateJobBuild'])
  const world = useApi(() => ({ externalUrl: '', policy: { asksAboutRequest: (action) => asksAbout.has(action), asksAboutStep: () => false, check: () => Promise.resolve(verdict) } }))
  let [folder, url]: [string, string] = ['', '']
  let server: Server
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-fly-login-'))
    server = createServer(world().api.handle)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
    await rm(folder, { recursive: true, force: true })
  })

  /** `type`: what is typed once so much was printed. */
  async function run(args: readonly string[], onOutput: (out: string, type: (text: string) => void) => void = () => undefined): Promise<{ readonly status: number | null; readonly out: string }> {
    const child = spawn(fly as string, args, { env: { ...process.env, HOME: folder }, stdio: 'pipe' })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text
        onOutput(out, (typed) => void child.stdin.write(typed))
      })
    }
    const status = await new Promise<number | null>((resolve, reject) => void child.on('error', reject).on('close', resolve))
    return { status, out }
  }

  /** What the browser shows that fly's user has opened the link in and logged in with. */
  async function browse(link: string): Promise<{ readonly page: string; readonly callback: string }> {
    const { pathname, search } = new URL(link)
    const browser = new TestBrowser(world().api.app)
    const { headers } = await browser.logIn(`${pathname}${search}`, 'admin', 'right', { host: new URL(url).host })
    const { answer } = await browser.open(headers.location ?? '')
    return { page: answer.body, callback: /href="(http:\/\/127\.0\.0\.1:\d+\/\?token=[^"]+)"/.exec(answer.body)?.[1] ?? '' }
  }

  test('logs in by browser, whether the page sends the token or it is pasted', async () => {
    let opened: Promise<Response> | undefined
    const sent = await run(['login', '-t', 'sent', '-c', url], (out) => {
      const link = /http:\S+fly_port=\d+/.exec(out)?.[0]
      if (link !== undefined) opened ??= browse(link).then(({ callback }) => fetch(callback, { redirect: 'manual', headers: { 'upgrade-insecure-requests': '1' } }))
    })
    expect(sent.out).toContain('target saved')
    expect((await opened)?.headers.get('location')).toBe(`${url}/fly_success?noop=true`)
    expect((await run(['-t', 'sent', 'userinfo'])).out).toMatch(/admin\s+main\/owner/)

    let pasted: Promise<void> | undefined
    const typed = await run(['login', '-t', 'pasted', '-c', url], (out, type) => {
      const link = /http:\S+fly_port=\d+/.exec(out)?.[0]
      if (link !== undefined && out.includes('token manually')) {
        pasted ??= browse(link).then(({ page }) => {
          type(/>(bearer asfy[^<]+)</.exec(page)?.[1] ?? '')
          // Apart from the text, which fly otherwise takes for all of one paste.
          setImmediate(() => type('\r'))
        })
      }
    })
    expect(typed.out).toContain('target saved')
    expect((await run(['-t', 'pasted', 'status'])).out).toContain('logged in successfully')
    expect(await run(['-t', 'pasted', 'logout'])).toMatchObject({ status: 0 })
    expect((await run(['-t', 'sent', 'status'])).out).toContain('logged in successfully')
  })

  test('gives roles to local users, to people and to groups of providers', async () => {
    expect(await run(['login', '-t', 'x', '-c', url, '-u', 'admin', '-p', 'right'])).toMatchObject({ status: 0 })
    await writeFile(join(folder, 'team.yml'), 'roles:\n- name: owner\n  local: {users: [Jo]}\n- name: viewer\n  oidc: {groups: [Everybody]}\n  github: {teams: ["Acme:Ops"]}\n')
    const set = await run(['-t', 'x', 'set-team', '-n', 'web', '-c', join(folder, 'team.yml'), '--non-interactive'])
    expect(set).toMatchObject({ status: 0 })
    const got = await run(['-t', 'x', 'get-team', '-n', 'web', '--json'])
    expect(JSON.parse(got.out)).toMatchObject({ name: 'web', auth: { owner: { users: ['local:jo'], groups: [] }, viewer: { users: [] } } })
    const { tokens } = world().options
    const token = newToken()
    const { id } = await tokens.login({ connector: 'github', subject: '7', name: 'Octo', groups: ['Acme:Ops'] }, world().clock.now())
    await tokens.issue(id, { hash: tokenHash(token), kind: 'fly', expiresAt: world().clock.now() + 60_000 }, world().clock.now())
    expect(await (await fetch(`${url}/api/v1/user`, { headers: { authorization: `bearer ${token}` } })).json()).toMatchObject({ teams: { web: ['viewer'] } })
    expect((await run(['-t', 'x', 'set-team', '-n', 'web', '--local-user', 'max', '--non-interactive'])).status).toBe(0)
    expect((await run(['-t', 'x', 'rename-team', '-o', 'web', '-n', 'site'])).status).toBe(0)
    expect((await run(['-t', 'x', 'teams'])).out).toMatch(/main[\s\S]*site/)
    expect((await run(['-t', 'x', 'destroy-team', '-n', 'site', '--non-interactive'])).out).toContain('`site` deleted')
    expect(await readFile(join(folder, '.flyrc'), 'utf8')).toMatch(/value: asfy/)
  })

  test('works with an API token that is written into its file of targets', async () => {
    const made = await world().call('POST', '/api/v1/tokens', { name: 'ci', team: 'main', role: 'viewer' })
    await writeFile(join(folder, '.flyrc'), `targets:\n  m:\n    api: ${url}\n    team: main\n    token: {type: bearer, value: ${made.json<{ value: string }>().value}}\n`)
    expect((await run(['-t', 'm', 'userinfo'])).out).toMatch(/main\/viewer/)
    expect((await run(['-t', 'm', 'pause-pipeline', '-p', 'p'])).out).toContain('forbidden')
  })

  test('shows what a policy says for it and against it, and that the policy server gives no verdict', async () => {
    await run(['login', '-t', 'x', '-c', url, '-u', 'admin', '-p', 'right'])
    await writeFile(join(folder, 'p.yml'), 'jobs: [{name: j, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]')
    const set = async () => run(['-t', 'x', 'set-pipeline', '-n', '-p', 'p', '-c', join(folder, 'p.yml')])
    const trigger = async () => run(['-t', 'x', 'trigger-job', '-j', 'p/j'])
    verdict = { kind: 'not-allowed', blocks: true, messages: ['no task without an owner', 'träge'] }
    expect(await set()).toMatchObject({ status: 1, out: expect.stringContaining('error: forbidden: policy check failed: \n * no task without an owner\n * träge\n') as string })
    verdict = { kind: 'not-allowed', blocks: false, messages: ['no task without an owner', 'träge'] }
    const warned = await set()
    expect(warned.status).toBe(0)
    expect(warned.out.replaceAll(/\u001B\[[0-9;]*m/g, '')).toMatch(/^policy check failed: +\n \* no task without an owner \n \* träge\nWARNING: unblocking [^]*pipeline created!/m)
    verdict = { kind: 'not-allowed', blocks: true, messages: ['not on Fridays'] }
    expect(await trigger()).toEqual({ status: 1, out: 'error: forbidden: policy check failed: \n * not on Fridays\n' })
    verdict = { kind: 'none', problem: 'the policy server opa:8181 did not answer within 5 s' }
    expect(await trigger()).toEqual({ status: 1, out: 'error: Unexpected Response\nStatus: 503 Service Unavailable\nBody: policy check failed: the policy server opa:8181 did not answer within 5 s\n' })
  })
})
