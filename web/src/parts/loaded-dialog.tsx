import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A dialog whose code is loaded when it first opens; where that fails, it closes. */
export function loadedDialog<P extends { readonly onClose: () => void }>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element | null {
  let Loaded: ComponentType<P> | undefined
  return function LoadedDialog(props) {
    const [, setReady] = useState(false)
    useEffect(() => {
      if (Loaded !== undefined) return
      load().then((component) => {
        Loaded = component
        setReady(true)
      }, () => props.onClose())
    }, [])
    return Loaded === undefined ? null : <Loaded {...props} />
  }
}
