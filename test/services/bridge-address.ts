import { spawn } from 'node:child_process'
import { run } from './command.ts'

/**
 * Gives a bridge that comes and goes (netavark's, with its first and last container) an address of its own. Without one it takes
 * that of a port: when that container goes, the others reach the host no more until their neighbour tables notice, 5 to 30 s
 * later. Returns what ends the watch.
 */
export function keepBridgeAddress(bridge: string, address: string): () => void {
  const fix = () => run('ip', ['link', 'set', bridge, 'address', address])
  const monitor = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', '-oneline', 'monitor', 'link'], { stdio: ['ignore', 'pipe', 'ignore'] })
  monitor.unref()
  monitor.stdout.on('data', (news: Buffer) => {
    // Its own change is news as well; that one names the address.
    if (news.toString().split('\n').some((line) => line.includes(` ${bridge}: `) && !line.startsWith('Deleted') && !line.includes(address))) void fix()
  })
  return () => monitor.kill('SIGKILL')
}
