import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import type { User } from '../../../src/client/web-shapes.ts'
import { ApiError, askJson, csrfTokenNow } from '../api/client.ts'
import { endText, Session, type WireEvents } from './session.ts'
import './terminal.css'

/** GET …/containers/HANDLE, as far as it is shown. */
interface Container {
  readonly type: string
  readonly step_name?: string
  readonly resource_name?: string
  readonly job_name?: string
  readonly build_name?: string
  /** Absent: it waits for the next check of its resource. */
  readonly build_id?: number
}

const params = new URLSearchParams(location.search)
const team = params.get('team') ?? ''
const handle = params.get('handle') ?? ''
const path = `/api/v1/teams/${encodeURIComponent(team)}/containers/${encodeURIComponent(handle)}`
const element = (id: string): HTMLElement => document.getElementById(id) ?? document.body
const tell = (text: string): void => {
  element('status').textContent = text
}

// Screen readers read its lines from a list beside what is drawn.
const terminal = new Terminal({ screenReaderMode: true, cursorBlink: false, fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace', fontSize: 13, scrollback: 10_000, theme: { background: '#0c0f13' } })
const fit = new FitAddon()
let session: Session | undefined

terminal.loadAddon(fit)
terminal.onData((text) => session?.input(text))
terminal.onResize(({ cols, rows }) => session?.resize({ columns: cols, rows }))
// Tab and Escape belong to the shell: without another key nobody could leave the terminal by the keyboard (WCAG 2.1.2).
terminal.attachCustomKeyEventHandler(({ key, type }) => {
  if (key !== 'F6') return true
  if (type === 'keydown') element('leave').focus()
  return false
})
element('again').addEventListener('click', () => void open())
void open()

interface Refusal {
  readonly text: string
  /** Asking again later may be answered otherwise. */
  readonly mayEnd: boolean
}

/** Why there is no terminal, in words; a web socket that is refused tells a page nothing. */
async function refused(): Promise<Refusal | undefined> {
  if (team === '' || handle === '') return { text: 'The address names no container: open a terminal from the page of a build.', mayEnd: false }
  const leave = element('leave')
  try {
    const { actions, is_admin: admin } = await askJson<User>('/api/v1/user')
    if (actions?.[team]?.includes('HijackContainer') !== true) return { text: `You need the role member in team ${team} to open a terminal.`, mayEnd: true }
    const { type, step_name: step, resource_name: resource, job_name: job, build_name: build, build_id: id } = await askJson<Container>(path)
    if (type === 'check' && !admin) return { text: 'You need to be an administrator of this server to open a terminal in a check.', mayEnd: true }
    const title = `${step ?? resource ?? handle}${build === undefined ? '' : ` in ${job === undefined ? 'build' : job} #${build}`}`
    document.title = `${title} · terminal · Airside`
    element('title').textContent = title
    element('about').textContent = `Container ${handle} of team ${team}`
    leave.textContent = id === undefined ? 'Team' : 'Build'
    leave.setAttribute('href', id === undefined ? `/teams/${encodeURIComponent(team)}` : `/builds/${id}`)
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 404) return { text: 'There is no such container any more: its step is over, or it is not kept any longer.', mayEnd: false }
    if (error.status === 401) {
      leave.textContent = 'Log in'
      leave.setAttribute('href', `/login?${new URLSearchParams({ redirect_uri: location.pathname + location.search })}`)
      return { text: 'Log in to open a terminal.', mayEnd: true }
    }
    return { text: error.message, mayEnd: true }
  }
}

/** Shows a refusal, and offers to ask again where that may help. */
function refuse({ text, mayEnd }: Refusal): void {
  tell(text)
  element('again').hidden = !mayEnd
}

async function open(): Promise<void> {
  element('again').hidden = true
  tell('Connecting…')
  // The login and the container of before may be gone; the token that the server wants may be another one.
  const refusal = await refused()
  if (refusal !== undefined) return refuse(refusal)
  if (terminal.element === undefined) {
    terminal.open(element('terminal'))
    new ResizeObserver(() => fit.fit()).observe(element('terminal'))
  }
  fit.fit()
  terminal.reset()
  const opened = new Session({
    connect,
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    output: (bytes) => terminal.write(bytes),
    opened: (shell) => {
      tell(`Connected: ${shell}.`)
      terminal.focus()
    },
    ended: (end) => {
      tell(endText(end))
      element('again').hidden = false
      if (end.kind === 'cut' || end.kind === 'refused') void explain(opened)
    },
  })
  session = opened
}

/** The server knows whether the container is gone; a connection that ended does not say so. */
async function explain(ended: Session): Promise<void> {
  const refusal = await refused()
  if (refusal !== undefined && session === ended && !element('again').hidden) refuse(refusal)
}

function connect({ open: opened, message, closed }: WireEvents) {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}/hijack`, ['airside.hijack.1', `airside.csrf.${csrfTokenNow()}`])
  socket.addEventListener('open', opened)
  socket.addEventListener('message', ({ data }) => message(String(data)))
  socket.addEventListener('close', ({ reason }) => closed(reason))
  return socket
}
