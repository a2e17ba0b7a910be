import { constants, closeSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { must } from '../test/services/command.ts'
import { createHearing, type HostLine } from './host-line.ts'

/** Over FIFOs in a folder of the host that the container has as `inside`. */
export async function openFifoLine(folder: string, inside: string): Promise<HostLine> {
  const { heard, tell } = createHearing()
  const [said, answers] = [join(folder, 'said'), join(folder, 'answers')]
  await must('mkfifo', ['--mode=666', said, answers])
  // For reading and writing: opening does not wait for the other side, and no end is seen when one container closes it.
  const flags = constants.O_RDWR | constants.O_NONBLOCK
  const socket = new Socket({ fd: openSync(said, flags), readable: true, writable: false })
  const answer = openSync(answers, flags)
  const letGo = () => void writeSync(answer, 'go\n')
  let rest = ''
  socket.setEncoding('utf8').on('data', (data: string) => {
    const at = performance.now()
    // Short writes to a FIFO are whole: names do not mix.
    const names = (rest + data).split('\n')
    rest = names.pop() ?? ''
    for (const name of names) tell(name, { at, letGo })
  })
  return {
    say: (name) => `echo ${name} > ${inside}/said`,
    sayAndWait: (name) => `echo ${name} > ${inside}/said; read answer < ${inside}/answers`,
    heard,
    close: () =>
      new Promise((resolve) => {
        closeSync(answer)
        socket.once('close', () => {
          resolve()
        })
        socket.destroy()
      }),
  }
}
