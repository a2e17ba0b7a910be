import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import type { ContainerUsers } from './engine/shapes.ts'
import { createOwnUsers, type Trial, type UserNamespaces } from './own-users.ts'

const refusal = "can't get final child's PID from pipe: EOF"
const impossible: Trial = { kind: 'impossible', message: refusal }

describe('users of containers', () => {
  let data = ''
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'airside-users-'))
  })
  afterEach(() => rm(data, { recursive: true }))

  function given(wanted: UserNamespaces, trials: readonly Trial[] = [], containerUsers: ContainerUsers = 'own') {
    const warnings: string[] = []
    const left = [...trials]
    const info = { engine: 'podman', version: '4.3.1', host: 'here', architecture: 'amd64', operatingSystem: '', selinux: false, swapLimit: true, containerUsers } as const
    const ownUsers = createOwnUsers({
      wanted,
      client: { address: { kind: 'unix', path: '/run/podman.sock' } },
      info,
      data,
      trial: () => {
        const next = left.shift()
        if (next === undefined) throw new Error('a trial too many')
        return Promise.resolve(next)
      },
      log: { ...silentLog, warn: (_, message) => void warnings.push(message) },
    })
    return { ownUsers, warnings, left }
  }

  it('does without them, and warns once, where a trial shows that the engine has none', async () => {
    const { ownUsers, warnings } = given('auto', [impossible])
    expect([await ownUsers.start(), ownUsers.asked, warnings]).toEqual([undefined, true, []])
    expect(await Promise.all([ownUsers.refused(), ownUsers.refused()])).toEqual(['without', 'without'])
    expect(ownUsers.asked).toBe(false)
    expect(warnings).toEqual([expect.stringMatching(/root in a step is root on this machine.*Podman 4\.3\.1.*final child's PID.*max_user_namespaces.*--user-namespaces=required/)])
  })

  it('leaves a refusal as it is where the trial container starts, or none does', async () => {
    const { ownUsers, warnings, left } = given('auto', [{ kind: 'unclear' }, { kind: 'possible' }])
    expect([await ownUsers.refused(), await ownUsers.refused()]).toEqual(['refusal', 'refusal'])
    expect([ownUsers.asked, warnings, left]).toEqual([true, [], []])
  })

  it('gives up no engine that has started such a container, in this process or before', async () => {
    const first = given('auto')
    await first.ownUsers.proven()
    expect(await first.ownUsers.refused()).toBe('refusal')
    const next = given('auto', [impossible])
    expect(await next.ownUsers.refused()).toEqual({ why: expect.stringMatching(/did before.*--user-namespaces=off/) })
    expect(next.ownUsers.asked).toBe(true)
    const off = given('off')
    expect([await off.ownUsers.start(), off.ownUsers.asked, off.warnings]).toEqual([undefined, false, [expect.stringContaining('--user-namespaces is off')]])
  })

  it('does not start where they are required and the engine has none', async () => {
    expect(await given('required', [impossible]).ownUsers.start()).toMatch(/required, and Podman 4\.3\.1 starts no container in a user namespace.*max_user_namespaces/)
    expect(await given('required', [], 'machine').ownUsers.start()).toMatch(/required.*gives containers none.*userns-remap/)
    const fine = given('required', [{ kind: 'possible' }, impossible])
    expect([await fine.ownUsers.start(), fine.ownUsers.asked]).toEqual([undefined, true])
    expect([await fine.ownUsers.refused(), fine.ownUsers.asked]).toEqual([{ why: expect.stringContaining('is required') }, true])
  })

  it('warns at the start where the engine gives none, and not where it maps all users itself', async () => {
    const machine = given('auto', [], 'machine')
    expect([await machine.ownUsers.start(), machine.ownUsers.asked]).toEqual([undefined, false])
    expect(machine.warnings).toEqual([expect.stringMatching(/root in a step is root on this machine.*userns-remap/)])
    for (const wanted of ['auto', 'required'] as const) {
      const mapped = given(wanted, [], 'mapped')
      expect([await mapped.ownUsers.start(), mapped.ownUsers.asked, mapped.warnings]).toEqual([undefined, false, []])
    }
  })
})
