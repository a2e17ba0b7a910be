import { useRef } from 'preact/hooks'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { useKeys } from '../../parts/use-keys.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { shownVars } from '../../routes/instance-vars.ts'
import type { Place } from '../../routes/route.ts'
import { href, replace } from '../../store/navigation.ts'
import { pauseOrUnpausePipeline } from '../../store/pipeline-actions.ts'
import type { PipelineViewProps } from './PipelineView.tsx'
import { afterClick } from './groups.ts'
import { stateOfPipeline } from './looks.ts'
import { Favourite } from './Favourite.tsx'
import { Manage } from './Manage.tsx'
import css from './PipelineBar.module.css'

export interface PipelineBarProps extends PipelineViewProps {
  readonly groups: readonly string[]
  readonly show: 'jobs' | 'resources' | 'list'
  readonly onShow: (show: PipelineBarProps['show']) => void
  readonly query: string
  readonly onQuery: (query: string) => void
  /** Enter in the search field. */
  readonly onFound: () => void
}

const views = [['jobs', 'Jobs'], ['resources', '+ resources'], ['list', 'List']] as const

export function PipelineBar({ route, data: { pipeline, jobs }, groups, show, onShow, query, onQuery, onFound }: PipelineBarProps): preact.JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  const state = stateOfPipeline(pipeline, jobs)
  const name = route.id.vars === undefined ? route.id.pipeline : `${route.id.pipeline}/${shownVars(route.id.vars)}`
  useKeys({ '/': ['find a job', () => field.current?.focus()] })
  const { hideUi: _hideUi, ...here } = route
  const withGroups = (names: readonly string[]): Place => ({ ...here, groups: names })
  const withShow = (wanted: PipelineBarProps['show']): Place => {
    const { show: _show, ...rest } = here
    return { ...rest, ...(wanted !== 'jobs' && { show: wanted }) }
  }
  return (
    <header class={css.bar}>
      <Heading class={css.heading} state={state} title={`${name} ${state}`}>
        <StateIcon state={state} /> {name}
      </Heading>
      {(pipeline.groups ?? []).length > 0 && (
        <nav class={css.groups} aria-label="Groups">
          {pipeline.groups?.map(({ name: group }) => (
            <a
              key={group}
              class={css.tab}
              href={href(withGroups([group]))}
              aria-current={groups.includes(group) ? 'true' : undefined}
              title="With Shift: show it too, or no more"
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey) return
                event.preventDefault()
                replace(withGroups(afterClick(groups, group, event.shiftKey)))
              }}
            >
              {group}
            </a>
          ))}
        </nav>
      )}
      <span class={css.space} />
      <form
        class={css.find}
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          onFound()
        }}
      >
        <input ref={field} type="search" aria-label="Find a job" placeholder="Find a job" value={query} onInput={({ currentTarget }) => onQuery(currentTarget.value)} />
        <kbd>/</kbd>
      </form>
      <div class={css.views} role="group" aria-label="View">
        {views.map(([one, text]) => (
          <button key={one} class={css.tab} aria-pressed={show === one} onClick={() => { onShow(one); replace(withShow(one)) }}>
            {text}
          </button>
        ))}
      </div>
      {!pipeline.paused && <ActionButton action={pauseOrUnpausePipeline({ id: route.id, paused: false, archived: pipeline.archived })} name={`Pause pipeline ${name}`} />}
      <Favourite id={pipeline.id} name={name} />
      <a class="button" href={href({ page: 'pipeline-config', id: route.id })}>
        Config
      </a>
      <Manage id={route.id} pipeline={pipeline} />
    </header>
  )
}
