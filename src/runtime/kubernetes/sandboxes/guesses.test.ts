import { describe, expect, it } from 'vitest'
import { sandboxWorld } from '../testing/sandbox-world.ts'

const { world, label, prepare, step, warmed, writes } = sandboxWorld()

describe('a container that is prepared ahead', () => {
  it('takes a sandbox that is free, and is the step’s when its turn comes', async () => {
    const [name = ''] = await warmed()
    const posts = writes('POST', /pods$/).length
    const guess = step({ guess: true })
    expect(await prepare(guess)).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(label(name, 'container')).toBe(guess.handle)
    expect(await prepare({ ...guess, guess: false })).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect([writes('POST', /pods$/).length, writes('PATCH', /pods\//).length]).toEqual([posts, 1])
  })

  it('leaves the first sandbox to the step that is asked for before it', async () => {
    const [name = ''] = await warmed()
    const [first, guess] = [step(), step({ guess: true })]
    const both = await Promise.all([prepare(first), prepare(guess)])
    expect(both.map((one) => one.ok && one.value.warmSandbox)).toEqual([true, false])
    expect(label(name, 'container')).toBe(first.handle)
  })

  it('and is not needed goes with its sandbox', async () => {
    const [name = ''] = await warmed()
    const guess = await prepare(step({ guess: true }))
    if (!guess.ok) throw new Error('it was not made')
    await guess.value.release({ keep: false })
    expect(world.api.objects.has(name)).toBe(false)
  })
})
