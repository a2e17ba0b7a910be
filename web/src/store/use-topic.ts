import { useLayoutEffect, useState } from 'preact/hooks'
import { openTopic, shownOf, type OpenedTopic, type TopicState } from './topic.ts'

/**
 * The state of a topic while the component is shown; the component renders again when it changes. It is opened once the component stands
 * in the page: one that is replaced before it was drawn has no other effects, and would keep its topic for ever.
 * @param topic undefined: its id is not known yet
 */
export function useTopic<T extends { readonly id: number | string }>(topic: string | undefined): TopicState<T> {
  const [opened, setOpened] = useState<{ readonly topic: string; readonly state: OpenedTopic<T>['state'] }>()
  useLayoutEffect(() => {
    if (topic === undefined) return undefined
    const { state, release } = openTopic<T>(topic)
    setOpened({ topic, state })
    return release
  }, [topic])
  if (topic === undefined) return { kind: 'loading' }
  return opened?.topic === topic ? opened.state.value : shownOf<T>(topic)
}
