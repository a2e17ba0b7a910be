import type { Step } from '../../api/types.ts'
import { Facts, Nothing, type Fact } from './Facts.tsx'
import { bytesText } from './image-text.ts'

/** What the step left: artifacts, and of a put the version that it made. */
export function OutputsTab({ step }: { readonly step: Step }): preact.JSX.Element {
  const { outputs, moreOutputs, version, metadata, kind } = step
  const made = kind === 'put' ? version : undefined
  if (outputs.length === 0 && made === undefined) return <Nothing>{step.state === 'running' || step.state === 'pending' || step.state === 'waiting' ? 'It has stored nothing yet.' : 'It stored nothing.'}</Nothing>
  return (
    <>
      {outputs.length > 0 && (
        <Facts
          title="Artifacts"
          facts={[
            ...outputs.map((output): Fact => [output.name, `${bytesText(output.bytes)}${output.files === undefined ? '' : `, ${output.files} files`}`]),
            ...(moreOutputs === undefined ? [] : [['', `and ${moreOutputs} more`] as const]),
          ]}
        />
      )}
      {made !== undefined && <Facts title="Version" facts={Object.entries(made)} />}
      {made !== undefined && metadata !== undefined && <Facts title="Metadata" facts={metadata.map(({ name, value }): Fact => [name, <Value key={name} text={value} />])} />}
    </>
  )
}

/** Text, and an address of the web as a link. */
export function Value({ text }: { readonly text: string }): preact.JSX.Element {
  if (!/^https?:\/\/\S+$/i.test(text)) return <>{text}</>
  return <a href={text} target="_blank" rel="noopener noreferrer">{text}</a>
}
