import type { Build, GivenByHand as Given } from '../../api/types.ts'
import { VersionText } from '../../parts/VersionText.tsx'
import { useAnswer } from '../../store/use-answer.ts'
import { mayCall } from '../../store/user.ts'
import { Facts, type Fact } from './Facts.tsx'
import css from './GivenByHand.module.css'

/** Versions and params that somebody gave with the build. Closed at first: a param may be a secret. */
export function GivenByHand({ build }: { readonly build: Build }): preact.JSX.Element | null {
  const asked = build.created_by !== undefined && mayCall(build.team_name, 'GetBuildRequest')
  const answer = useAnswer<Given>(asked ? `/api/v1/builds/${build.id}/request` : undefined)
  if (answer.kind !== 'ready') return null
  const versions = answer.value.versions.map(({ name, version }): Fact => [name, <VersionText key={name} version={version} />])
  const params = Object.entries(answer.value.params).map(([name, value]): Fact => [name, typeof value === 'string' ? value : JSON.stringify(value)])
  const all = [...versions, ...params]
  return all.length === 0 ? null : (
    <details class={css.given}>
      <summary>{`Given by hand: ${all.map(([name]) => name).join(', ')}`}</summary>
      <Facts title="Versions" facts={versions} />
      <Facts title="Params" facts={params} />
    </details>
  )
}
