import { expect, test } from 'vitest'
import type { UiChange } from '../api/web-ports.ts'
import { freshPeople } from './fresh-people.ts'

test('what is kept of people is forgotten before a change of them is told of, and stays at other changes', async () => {
  const heard: string[] = []
  let tell: (change: UiChange) => void = () => undefined
  const source = { listen: (callback: (change: UiChange) => void) => ((tell = callback), Promise.resolve(() => Promise.resolve())) }
  await freshPeople(source, () => void heard.push('forgotten')).listen(({ kind }) => void heard.push(kind))
  for (const change of [{ kind: 'people' }, { kind: 'builds' }, { kind: 'pipeline', id: 1 }, { kind: 'unknown' }] as const) tell(change)
  expect(heard).toEqual(['forgotten', 'people', 'builds', 'pipeline', 'forgotten', 'unknown'])
})
