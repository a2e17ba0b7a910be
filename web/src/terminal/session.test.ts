import { expect, test } from 'vitest'
import { endText, Session, type End, type WireEvents } from './session.ts'

/** A session whose sockets are played by the test. */
function played() {
  const sockets: { readonly events: WireEvents; readonly sent: unknown[]; closed: boolean }[] = []
  const shown: string[] = []
  const ends: End[] = []
  const shells: string[] = []
  const session = new Session({
    connect(events) {
      const socket = { events, sent: [] as unknown[], closed: false }
      sockets.push(socket)
      return { send: (text) => socket.sent.push(JSON.parse(text)), close: () => void (socket.closed = true) }
    },
    size: () => ({ columns: 80, rows: 24 }),
    output: (bytes) => shown.push(new TextDecoder().decode(bytes)),
    opened: (shell) => shells.push(shell),
    ended: (end) => ends.push(end),
  })
  const says = (frame: unknown, at = sockets.length - 1): void => sockets[at]?.events.message(JSON.stringify(frame))
  return { session, sockets, shown, ends, shells, says, open: () => sockets.at(-1)?.events.open() }
}

test('bash is started with the size of the window; input, sizes and output are carried', () => {
  const { session, sockets, shown, says, open } = played()
  session.input('lost')
  open()
  session.input('ls ü\r')
  session.resize({ columns: 100, rows: 30 })
  says({ stdout: btoa('out') })
  says({ stderr: btoa('err') })
  expect(sockets[0]?.sent).toEqual([
    { path: 'bash', env: ['TERM=xterm-256color'], tty: { window_size: { columns: 80, rows: 24 } } },
    { stdin: Buffer.from('ls ü\r').toString('base64') },
    { tty: { window_size: { columns: 100, rows: 30 } } },
  ])
  expect(shown).toEqual(['out', 'err'])
})

test('long input is carried in frames that the server takes', () => {
  const { session, sockets, open } = played()
  open()
  const pasted = 'ü'.repeat(500_000)
  session.input(pasted)
  const frames = (sockets[0]?.sent.slice(1) ?? []) as { readonly stdin: string }[]
  expect(Math.max(...frames.map((frame) => JSON.stringify(frame).length))).toBeLessThan(100_000)
  expect(Buffer.concat(frames.map(({ stdin }) => Buffer.from(stdin, 'base64'))).toString() === pasted).toBe(true)
})

test('a container without bash gets sh; one without either says so', () => {
  const { sockets, ends, shells, says, open } = played()
  open()
  says({ executable_not_found: true })
  says({ error: 'executable file not found: bash' }, 0)
  sockets[0]?.events.closed('')
  open()
  expect([shells, ends]).toEqual([['bash', 'sh'], []])
  says({ executable_not_found: true })
  says({ error: 'executable file not found: sh' })
  expect(ends).toEqual([{ kind: 'error', message: 'executable file not found: sh' }])
})

test('the exit status ends the session, and nothing is sent after it', () => {
  const { session, sockets, ends, says, open } = played()
  open()
  says({ exit_status: 7 })
  session.input('late')
  sockets[0]?.events.closed('')
  expect(ends).toEqual([{ kind: 'exited', status: 7 }])
  expect(sockets[0]).toMatchObject({ closed: true, sent: [{ path: 'bash' }] })
  expect(ends.map(endText)).toEqual(['The shell ended with exit status 7.'])
})

test('a connection that breaks, one that was refused, and a frame that is none are told apart', () => {
  const cut = played()
  cut.open()
  cut.sockets[0]?.events.closed('the container ended')
  const refused = played()
  refused.sockets[0]?.events.closed('')
  const broken = played()
  broken.open()
  broken.sockets[0]?.events.message('{')
  expect([...cut.ends, ...refused.ends, ...broken.ends].map(endText)).toEqual([
    'The connection ended: the container ended.',
    'The server refused the terminal, or does not answer.',
    'The terminal ended: the server sent what this page does not understand',
  ])
})
