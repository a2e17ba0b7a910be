import { useLayoutEffect, useRef } from 'preact/hooks'
import { StateShapes } from '../parts/StateIcon.tsx'
import { Notice } from '../parts/Notice.tsx'
import { route } from '../store/navigation.ts'
import { notLiveSince, notLiveWhy } from '../store/connection.ts'
import { wall } from '../store/wall.ts'
import { KeyHelp } from './KeyHelp.tsx'
import { Page } from './Page.tsx'
import { Toasts } from './Toasts.tsx'
import { TopBar } from './TopBar.tsx'
import css from './Shell.module.css'
import { showPlainText } from '../parts/plain-text.ts'

showPlainText()

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** The bar at the top, what is wrong with the connection, and the page. */
export function Shell(): preact.JSX.Element {
  const now = route.value
  const since = notLiveSince.value
  // Pages that fill the window need to know what stands above them: bars may be hidden, notices come and go and wrap.
  const main = useRef<HTMLElement>(null)
  const measure = (): void => main.current?.style.setProperty('--above', `${main.current.offsetTop}px`)
  useLayoutEffect(measure)
  useLayoutEffect(() => {
    addEventListener('resize', measure)
    return () => removeEventListener('resize', measure)
  }, [])
  return (
    <>
      <a class={css.skip} href="#main">
        Skip to the content
      </a>
      <StateShapes />
      {!now.hideUi && <TopBar />}
      {wall.value !== undefined && <Notice kind="info">{wall.value}</Notice>}
      {since !== undefined && <Notice kind="warning">{`Not live since ${clock.format(since)}: ${notLiveWhy.value ?? 'the connection broke'}. The page shows what it last knew, and goes on by itself.`}</Notice>}
      <main ref={main} id="main" class={css.main}>
        <Page route={now} />
      </main>
      <Toasts />
      <KeyHelp />
    </>
  )
}
