import { useEffect, useRef, useState } from 'preact/hooks'
import type { Picture } from '../graph/picture.ts'
import type { LayoutAnswer, LayoutRequest, Shape } from '../graph/protocol.ts'
import { openWorker } from './workers.ts'

export type PictureState = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly picture: Picture } | { readonly kind: 'failed' }

/** The picture of a graph, laid out beside the page. The last one stays until the next is there; an equal shape is not laid out again. */
export function usePicture(shape: Shape): PictureState {
  const [state, setState] = useState<PictureState>({ kind: 'loading' })
  const worker = useRef<Worker | undefined>(undefined)
  const seq = useRef(0)
  const text = JSON.stringify(shape)
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
    const request: LayoutRequest = { seq: ++seq.current, shape: JSON.parse(text) as Shape }
    worker.current?.postMessage(request)
  }, [text])
  return state
}
