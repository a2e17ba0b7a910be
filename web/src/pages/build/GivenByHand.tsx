import type { Build, GivenByHand as Given } from '../../api/types.ts'
import { VersionText } from '../../parts/VersionText.tsx'
import { useAnswer } from '../../store/use-answer.ts'
import { mayCall } from '../../store/user.ts'
import css from './GivenByHand.module.css'

/** Versions and params that somebody gave with the build. Closed at first: a param may be a secret. */
export function GivenByHand({ build }: { readonly build: Build }): preact.JSX.Element | null {
  const asked = build.created_by !== undefined && build.job_name !== undefined && mayCall(build.team_name, 'GetBuildRequest')
  const answer = useAnswer<Given>(asked ? `/api/v1/builds/${build.id}/request` : undefined)
  if (answer.kind !== 'ready') return null
  const { versions, params } = answer.value
  const names = Object.keys(params)
  if (versions.length + names.length === 0) return null
  const what = [counted(versions.length, 'version'), counted(names.length, 'param')].filter((part) => part !== '').join(' and ')
  return (
    <details class={css.given}>
      <summary>{`Triggered with ${what} given by hand: ${[...versions.map(({ name }) => name), ...names].join(', ')}`}</summary>
      <dl>
        {versions.map(({ name, version }) => (
          <div key={`version ${name}`}>
            <dt class="mono">{name}</dt>
            <dd><VersionText version={version} /></dd>
          </div>
        ))}
        {names.map((name) => (
          <div key={`param ${name}`}>
            <dt class="mono">{name}</dt>
            <dd class="mono">{textOf(params[name])}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

const counted = (count: number, word: string): string => (count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
