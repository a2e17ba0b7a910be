import { useEffect, useRef, useState } from 'preact/hooks'
import type { GraphJob } from '../../graph/model.ts'
import type { Picture } from '../../graph/picture.ts'
import type { LayoutAnswer, LayoutRequest } from '../../graph/protocol.ts'
import { openWorker } from '../../store/workers.ts'

export type PictureState = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly picture: Picture } | { readonly kind: 'failed' }

/**
 * The picture of jobs, laid out beside the page. The last one stays until the next is there; a build that starts or ends changes nothing
 * that the layout depends on.
 */
export function usePicture(jobs: readonly GraphJob[], view: LayoutRequest['view']): PictureState {
  const [state, setState] = useState<PictureState>({ kind: 'loading' })
  const worker = useRef<Worker | undefined>(undefined)
  const seq = useRef(0)
  const shape = JSON.stringify(jobs.map(({ name, inputs, outputs }) => ({ name, inputs, outputs })))
  useEffect(() => {
    const opened = openWorker('graph')
    opened.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.seq === seq.current) setState({ kind: 'ready', picture: data.picture })
    })
    opened.addEventListener('error', () => setState({ kind: 'failed' }))
    worker.current = opened
    return () => opened.terminate()
  }, [])
  useEffect(() => {
    performance.mark('graph layout')
    const request: LayoutRequest = { seq: ++seq.current, view, jobs: JSON.parse(shape) as readonly GraphJob[] }
    worker.current?.postMessage(request)
  }, [shape, view])
  return state
}
