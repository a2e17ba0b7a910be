import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/Dialog.tsx'
import buttons from '../../parts/Dialog.module.css'
import type { PipelineId } from '../../routes/route.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { Refusal } from '../../shell/Refusal.tsx'
import { flyPipeline } from '../../store/fly.ts'
import { go, href } from '../../store/navigation.ts'
import { archivePipeline, destroyPipeline, exposeOrHide, renamePipeline } from '../../store/pipeline-changes.ts'
import css from './ManageDialog.module.css'

export interface ManageDialogProps {
  readonly id: PipelineId
  readonly pipeline: { readonly public: boolean; readonly archived: boolean }
  readonly onClose: () => void
}

/** What changes a pipeline as a whole, each with what it means. What one may not do says which role it needs. */
export function ManageDialog({ id, pipeline, onClose }: ManageDialogProps): preact.JSX.Element {
  const [name, setName] = useState(id.pipeline)
  const [refused, setRefused] = useState<string>()
  const to = name.trim()
  const goTo = (place: Parameters<typeof href>[0]): void => {
    onClose()
    go(href(place))
  }
  return (
    <Dialog title={`Manage pipeline ${flyPipeline(id)}`} onCancel={onClose}>
      <Refusal why={refused} />
      <Change
        title={pipeline.public ? 'Everybody sees it' : 'Its team sees it'}
        text={pipeline.public ? 'Strangers see its jobs, and the logs of jobs that are public. Hidden, only its team sees it.' : 'Exposed, strangers see its jobs too, and the logs of jobs that are public.'}
      >
        <ActionButton action={exposeOrHide(id, pipeline.public)} onRefused={setRefused} onDone={() => setRefused(undefined)} />
      </Change>
      <Change title="Name" text={id.vars === undefined ? 'Links with the old name stop working.' : `All instances of ${id.pipeline} get the new name. Links with the old one stop working.`}>
        <form class={css.name} onSubmit={(event) => event.preventDefault()}>
          <input aria-label="New name" value={name} autocomplete="off" spellcheck={false} maxLength={1024} onInput={({ currentTarget }) => setName(currentTarget.value)} />
          <ActionButton action={renamePipeline(id, to)} onRefused={setRefused} onDone={() => goTo({ page: 'pipeline', id: { ...id, pipeline: to }, groups: [] })} />
        </form>
      </Change>
      <Change title="Archive" text={pipeline.archived ? 'It is archived: its jobs do not run. Setting it again brings it back.' : 'Its jobs run no more, and its config is not kept. Its builds stay.'}>
        <ActionButton action={archivePipeline(id, pipeline.archived)} onRefused={setRefused} onDone={onClose} />
      </Change>
      <Change title="Destroy" text="Deletes it, its builds and their logs. This cannot be undone.">
        <ActionButton action={destroyPipeline(id)} onRefused={setRefused} onDone={() => goTo({ page: 'dashboard' })} />
      </Change>
      <div class={buttons.buttons}>
        <button onClick={onClose}>Close</button>
      </div>
    </Dialog>
  )
}

const Change = ({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ComponentChildren }): preact.JSX.Element => (
  <section class={css.change}>
    <div class={css.words}>
      <h3>{title}</h3>
      <p class="dim">{text}</p>
    </div>
    {children}
  </section>
)
