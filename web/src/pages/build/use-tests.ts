import type { Build, BuildTests, Step } from '../../api/types.ts'
import { useAnswer } from '../../store/use-answer.ts'

/** Asked for when a task that has outputs ends: reports are files of them. */
export function useTests({ id }: Build, steps: readonly Step[]): BuildTests | undefined {
  const reporting = steps.filter(({ kind, outputs, t }) => kind === 'task' && outputs.length > 0 && t.end !== undefined).length
  const answer = useAnswer<BuildTests>(reporting === 0 ? undefined : `/api/v1/builds/${id}/tests?cases=failed`, reporting)
  return answer.kind === 'ready' ? answer.value : undefined
}
