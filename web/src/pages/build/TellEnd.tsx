import type { Build } from '../../api/types.ts'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { plainText } from '../../parts/plain-text.ts'
import { href } from '../../store/navigation.ts'
import { isAwaited, stopTelling, tellWhenEnded } from '../../store/tell-end.ts'
import { toast } from '../../store/toasts.ts'
import { jobOf } from './job-of.ts'

const name = 'Tell me when it ends'

/** Has the browser show a notification when the build ends; pressed again, it does not. */
export function TellEnd({ build }: { readonly build: Build }): preact.JSX.Element {
  const { id, team_name: team, pipeline_name: pipeline } = build
  const job = jobOf(build)
  const pressed = isAwaited(id)
  const press = async (): Promise<void> => {
    if (pressed) return stopTelling(id)
    const why = await tellWhenEnded({
      id,
      subject: plainText(job === undefined ? `build ${build.name}` : `${job.job} #${build.name}`),
      where: plainText(pipeline === undefined ? team : `${team} / ${pipeline}`),
      url: href(job === undefined ? { page: 'build', build: id, view: {} } : { page: 'job-build', id: job.id, job: job.job, build: build.name, view: {} }),
    })
    if (why !== undefined) toast({ kind: 'failed', text: `${name}: ${why}` })
  }
  return (
    <OfferButton name={name} pressed={pressed} title="A notification of the browser, for as long as this tab is open" onPress={() => void press()}>
      {pressed ? `✓ ${name}` : name}
    </OfferButton>
  )
}
