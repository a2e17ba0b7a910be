import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { taskJob } from './harness/api.ts'
import { openTab } from './harness/browser.ts'
import { webWorld } from './harness/world.ts'

const world = webWorld()

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

test('a token that is made on the account page works once it is copied, and no more when it is revoked', async () => {
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/')
  await page.getByRole('banner').getByRole('link', { name: 'ana' }).click()
  await page.getByRole('heading', { level: 1, name: 'ana' }).waitFor()
  const tokens = part(page, 'API tokens')
  await tokens.getByText('You have none.').waitFor()
  await expect.poll(() => tokens.getByRole('button', { name: 'Create token' }).getAttribute('title')).toBe('A token needs a name')
  await tokens.getByLabel('Name of a new token').fill('deploy')
  await tokens.getByLabel('Team').selectOption('main')
  await tokens.getByLabel('Role at most').selectOption('viewer')
  await tokens.getByLabel('Name of a new token').press('Enter')
  const value = (await tokens.getByRole('status').locator('code').textContent()) ?? ''
  const asToken = async (path: string, method = 'GET'): Promise<number> => (await fetch(`${world.server.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${value}` } })).status
  expect([await asToken('/teams/main'), await asToken('/wall', 'DELETE')]).toEqual([200, 403])
  const row = tokens.getByRole('row', { name: /deploy/ })
  await row.getByText('what a viewer may, in team main').waitFor()
  await expect.poll(() => row.textContent()).toContain(`${value.slice(0, 7)}…`)
  expect(await page.evaluate((text) => JSON.stringify([localStorage, sessionStorage, location.href]).includes(text), value)).toBe(false)
  await tokens.getByRole('button', { name: 'I have copied it' }).click()
  await expect.poll(() => page.content()).not.toContain(value)
  await row.getByRole('button', { name: 'Revoke deploy' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
  await tokens.getByText('You have none.').waitFor()
  await expect.poll(() => asToken('/teams/main')).toBe(401)
})

test('the theme that is chosen on the account page is that of the bar', async () => {
  await using tab = await openTab(world.browser, world.server)
  const { page } = tab
  await page.goto('/account')
  await page.getByRole('heading', { name: 'Nobody is logged in' }).waitFor()
  await page.getByRole('radio', { name: 'dark' }).check()
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
})

test('an owner gives a role and takes it, which the page of whoever has it follows', async () => {
  // Nobody may log in whom no team knows.
  await (await world.server.as('ana')).call('PUT', '/teams/guests', { auth: { owner: { users: ['local:max'] } } })
  await using owner = await openTab(world.browser, world.server, { person: 'ana' })
  await using guest = await openTab(world.browser, world.server, { person: 'max' })
  guest.expectRefusal('403 GET /api/v1/teams/main')
  await guest.page.goto('/teams/main')
  await guest.page.getByText('You are max. Team main needs the role viewer; its owners can give it.').waitFor()
  const { page } = owner
  await page.goto('/teams/main')
  const members = part(page, 'Members')
  await members.getByRole('row', { name: /local:vera/ }).waitFor()
  const name = members.getByLabel('Add somebody, as CONNECTOR:NAME')
  await name.fill('max')
  await expect.poll(() => members.getByRole('button', { name: 'Add' }).getAttribute('title')).toBe('Write it as CONNECTOR:NAME, as in local:ana or github:payments')
  await name.fill('local:max')
  await members.getByLabel('Role').selectOption('member')
  await name.press('Enter')
  await members.getByRole('row', { name: /local:max/ }).waitFor()
  await part(guest.page, 'Members').getByRole('row', { name: /local:ana/ }).waitFor()
  await expect.poll(() => guest.page.getByRole('button', { name: 'Remove local:vera as viewer' }).getAttribute('title')).toBe('You need the role owner in team main')
  expect(await part(guest.page, 'Audit').count()).toBe(0)
  await members.getByRole('button', { name: 'Remove local:max as member' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await members.getByRole('row', { name: /local:max/ }).waitFor({ state: 'detached' })
  await guest.page.getByText('You are max. Team main needs the role viewer; its owners can give it.').waitFor()
  await expect.poll(() => part(guest.page, 'Members').count()).toBe(0)
})

test('who has two roles in a team stands there once, and each role can be taken', async () => {
  await (await world.server.as('ana')).call('PUT', '/teams/twice', { auth: { owner: { users: ['local:ana'] }, member: { users: ['local:mia'], groups: ['github:payments'] }, viewer: { users: ['local:mia'] } } })
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/twice')
  const rows = part(page, 'Members').getByRole('table').getByRole('row')
  await expect.poll(() => rows.allTextContents()).toEqual([expect.stringMatching(/^Who/), expect.stringMatching(/^local:anauserowner/), expect.stringMatching(/^local:miausermember, viewer.*Remove member Remove viewer $/), expect.stringMatching(/^github:paymentsgroupmember/)])
  await page.getByRole('button', { name: 'Remove local:mia as member' }).click()
  const question = page.getByRole('dialog', { name: 'Take the role member from local:mia?' })
  await question.getByText('They keep viewer.').waitFor()
  await question.getByRole('button', { name: 'Remove member' }).click()
  await expect.poll(() => rows.filter({ hasText: 'local:mia' }).allTextContents()).toEqual([expect.stringMatching(/^local:miauserviewer.*Remove $/)])
})

test('a member orders the pipelines of a team by keyboard; the API has that order', async () => {
  const api = await world.server.as('ana')
  for (const name of ['order-a', 'order-b', 'order-c']) await api.setPipeline(name, `jobs:${taskJob('unit')}`)
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/teams/main')
  const shown = part(page, 'Pipelines').getByRole('link', { name: /order-/ })
  await shown.nth(2).waitFor()
  await page.getByRole('button', { name: 'Order…' }).click()
  const up = page.getByRole('dialog').getByRole('button', { name: 'Move order-c up' })
  await up.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.getByText('order-c: place 1 of 3').waitFor()
  await page.getByRole('button', { name: 'Save the order' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const names = async () => (await api.call<{ name: string }[]>('GET', '/teams/main/pipelines')).map(({ name }) => name)
  await expect.poll(names).toEqual(['order-c', 'order-a', 'order-b'])
  await page.waitForFunction(() => [...document.querySelectorAll('ol a')].map((link) => link.textContent).join() === 'order-c,order-a,order-b')
})

test('an administrator shows a message to everybody and takes it away; others are told who may', async () => {
  await using tab = await openTab(world.browser, world.server, { person: 'ana' })
  const { page } = tab
  await page.goto('/admin')
  await part(page, 'Server').getByText('healthy: the database answers').waitFor()
  await part(page, 'Active users, of two months').getByRole('row', { name: /ana/ }).waitFor()
  await part(page, 'Audit').getByRole('row', { name: /LogIn/ }).first().waitFor()
  const wall = part(page, 'Message to everybody')
  await wall.getByLabel('New message').fill('the registry is away')
  await wall.getByLabel('Until').selectOption('8')
  await wall.getByRole('button', { name: 'Show it to everybody' }).click()
  await wall.getByText(/^Shown for another (8 h|7 h 59 min): the registry is away$/).waitFor()
  await wall.getByRole('button', { name: 'Take it away' }).click()
  await wall.getByText('None is shown.').waitFor()
  await using viewer = await openTab(world.browser, world.server, { person: 'vera' })
  await viewer.page.goto('/admin')
  await viewer.page.getByText('You are vera. Only owners of an admin team may, usually those of team main.').waitFor()
  expect(viewer.requests.filter((line) => /audit|users|info/.test(line))).toEqual([])
})
