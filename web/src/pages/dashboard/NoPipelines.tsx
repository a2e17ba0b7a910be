import { Command, Empty } from '../../parts/Notice.tsx'
import { SetPipelineButton } from '../../shell/set-pipeline/SetPipelineButton.tsx'
import { loginUrl, mayCall, user } from '../../store/user.ts'

/** What to do next on a server without pipelines, or for a stranger who may see none. */
export function NoPipelines(): preact.JSX.Element {
  if (user.value === undefined) {
    return (
      <Empty title="No pipeline is public">
        <p>Log in to see those of your teams.</p>
        <a class="button primary" href={loginUrl()}>
          Log in
        </a>
      </Empty>
    )
  }
  const teams = Object.keys(user.value.actions ?? {}).filter((team) => mayCall(team, 'SaveConfig')).toSorted()
  return (
    <Empty title="Set the first pipeline">
      {teams.length > 0 && <SetPipelineButton label="Set a pipeline here" class="primary" teams={teams} />}
      <p>{teams.length > 0 ? 'Or with fly' : 'With fly'} or airside:</p>
      <Command>{`fly -t ci login -c ${location.origin}`}</Command>
      <Command>fly -t ci set-pipeline -p hello -c pipeline.yml</Command>
      <p>It appears here by itself.</p>
    </Empty>
  )
}
