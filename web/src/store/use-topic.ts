import { useEffect, useMemo } from 'preact/hooks'
import { openTopic, type TopicState } from './topic.ts'

/**
 * The state of a topic while the component is shown; the component renders again when it changes.
 * @param topic undefined: its id is not known yet
 */
export function useTopic<T extends { readonly id: number | string }>(topic: string | undefined): TopicState<T> {
  const opened = useMemo(() => (topic === undefined ? undefined : openTopic<T>(topic)), [topic])
  useEffect(() => opened?.release, [opened])
  return opened?.state.value ?? { kind: 'loading' }
}
