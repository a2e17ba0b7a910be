/** What a build, a job or a pipeline can be; each has a shape, a colour and a word. */
export type State = 'succeeded' | 'failed' | 'errored' | 'aborted' | 'running' | 'pending' | 'paused'

export const states: readonly State[] = ['succeeded', 'failed', 'errored', 'aborted', 'running', 'pending', 'paused']

/** What stands for several: the first of these that one of them is. */
export const worstFirst: readonly State[] = ['failed', 'errored', 'aborted', 'running', 'pending', 'paused', 'succeeded']

/**
 * A build's status in Concourse's words.
 * @public
 */
export const stateOfStatus = (status: 'pending' | 'started' | 'succeeded' | 'failed' | 'errored' | 'aborted'): State => (status === 'started' ? 'running' : status)
