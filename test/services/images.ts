import { randomBytes } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPrograms } from '../cluster/build.ts'
import { must } from './command.ts'
import { hostArchitecture, makeImage, makeIndex, type Blob, type Entry, type Image, type ImageConfig } from './oci-image.ts'
import { ensurePackages } from './packages.ts'

type Log = (line: string) => void

/** Folder of the small programs that images hold. */
async function programs(log?: Log): Promise<string> {
  return (await buildPrograms(['images'], log)).images
}

/** The sandbox image of every pod: one program that waits. */
export async function pauseImage(folder: string): Promise<Image> {
  return makeImage([[{ path: 'pause', content: await readFile(join(folder, 'pause')), mode: 0o755 }]], { Entrypoint: ['/pause'] })
}

/**
 * Nothing but one static binary, /hello: no shell, no passwd, no /tmp.
 * `hello [exit STATUS | echo WORDS | cat | write FILE TEXT | read FILE | sleep SECONDS]`
 */
export async function scratchImage(log?: Log): Promise<Image> {
  const hello = await readFile(join(await programs(log), 'hello'))
  return makeImage([[{ path: 'hello', content: hello, mode: 0o755 }]], { Entrypoint: ['/hello'] })
}

/** A small Linux: busybox with all its applets in /bin, users root and app (1000), /tmp. */
export async function busyboxImage(more: readonly Entry[] = [], log?: Log, config: ImageConfig = { Cmd: ['sh'], Env: [path] }): Promise<Image> {
  return makeImage([await busyboxRoot(log), ...(more.length > 0 ? [more] : [])], config)
}

/** The same for this machine's architecture and, not runnable here, for another; and the index over both. */
export async function multiArchBusybox(log?: Log): Promise<{ images: readonly Image[]; index: Blob }> {
  const other = hostArchitecture() === 'amd64' ? 'arm64' : 'amd64'
  const foreign = await makeImage([[{ path: 'etc/', folder: true }, { path: 'etc/architecture', content: other }]], {}, other)
  const images = [await busyboxImage([], log), foreign]
  return { images, index: makeIndex(images) }
}

/** busybox and /opt/resource/{check,in,out}; what they do is told by source and params: programs/mock-resource. */
export async function mockResourceImage(log?: Log): Promise<Image> {
  const mock = await readFile(join(await programs(log), 'mock-resource'))
  const scripts: Entry[] = [
    { path: 'opt/', folder: true },
    { path: 'opt/resource/', folder: true },
    { path: 'opt/resource/mock-resource', content: mock, mode: 0o755 },
    ...['check', 'in', 'out'].map((name) => ({ path: `opt/resource/${name}`, link: 'mock-resource' })),
  ]
  return makeImage([await busyboxRoot(log), scripts], { Cmd: ['sh'], Env: [path] })
}

/** busybox and this machine's Node with the libraries that it needs: what `node:…-slim` is to users. */
export async function nodeImage(log?: Log): Promise<Image> {
  const program = await realpath(process.execPath)
  const libraries = [...(await must('ldd', [program])).matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file as string)
  const copies = [...libraries.map((file) => ({ file, path: file.slice(1) })), { file: program, path: 'usr/local/bin/node' }]
  const entries = copies.map(async ({ file, path }): Promise<Entry> => ({ path, content: await readFile(file), mode: 0o755 }))
  return makeImage([await busyboxRoot(log), await Promise.all(entries)], { Cmd: ['node'], Env: [path] })
}

/** busybox and a layer of so many megabytes of random bytes: new each time, never on a node yet. */
export async function bigImage(megabytes: number, log?: Log): Promise<Image> {
  return makeImage([await busyboxRoot(log), [{ path: 'big', content: randomBytes(megabytes * 1_000_000) }]], { Cmd: ['sh'], Env: [path] })
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

async function busyboxRoot(log: Log = () => undefined): Promise<Entry[]> {
  const program = await staticBusybox(log)
  const applets = (await must('/bin/busybox', ['--list'])).trim().split('\n').filter((name) => name !== 'busybox')
  return [
    ...['bin/', 'etc/', 'home/', 'root/', 'usr/', 'usr/bin/', 'var/'].map((folder) => ({ path: folder, folder: true as const })),
    { path: 'tmp/', folder: true, mode: 0o1777 },
    { path: 'home/app/', folder: true, uid: 1000, gid: 1000 },
    { path: 'bin/busybox', content: program, mode: 0o755 },
    ...applets.map((name) => ({ path: `bin/${name}`, link: 'busybox' })),
    { path: 'usr/bin/env', link: '../../bin/busybox' },
    { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
    { path: 'etc/group', content: 'root:x:0:\napp:x:1000:\nextra:x:2000:app\nnogroup:x:65534:\n' },
  ]
}

async function staticBusybox(log: Log): Promise<Buffer> {
  const file = '/bin/busybox'
  await ensurePackages([{ package: 'busybox-static', proof: file }], log)
  const program = await readFile(file)
  // Debian's other busybox package is linked dynamically and stands at the same place.
  if (program.includes('/ld-linux')) throw new Error('/bin/busybox is not static; run apt-get install busybox-static')
  return program
}
