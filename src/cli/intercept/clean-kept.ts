import type { InterceptGateway } from '../../intercept/gateway.ts'
import { describeTarget } from './select.ts'

export interface KeptContainers {
  readonly count: number
  /** What could not be looked at or removed; said already. */
  readonly problems: readonly string[]
}

/** Tells of the containers that were kept, or removes them. One that makes trouble hides no other. */
export async function cleanKept(gateways: readonly Pick<InterceptGateway, 'find' | 'remove'>[], remove: boolean, say: (line: string) => void): Promise<KeptContainers> {
  let count = 0
  const problems: string[] = []
  const complain = (problem: string): void => {
    problems.push(problem)
    say(problem)
  }
  for (const gateway of gateways) {
    const found = await gateway.find()
    for (const problem of found.problems) complain(problem)
    for (const target of found.targets) {
      if (target.state === 'running') continue
      count += 1
      if (!remove) {
        say(describeTarget(target))
        continue
      }
      const removed = await gateway.remove(target.handle)
      if (removed.ok) say(`removed the container of ${describeTarget(target)}`)
      else complain(`${target.handle} could not be removed: ${removed.error}`)
    }
  }
  return { count, problems }
}
