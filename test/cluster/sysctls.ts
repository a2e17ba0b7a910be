import { readFile, writeFile } from 'node:fs/promises'

/** Kernel settings that the kubelet or we change, in the order in which they are put back. */
const names = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'net/ipv4/ip_forward',
] as const

export type Sysctls = Readonly<Partial<Record<string, string>>>

export async function readSysctls(): Promise<Sysctls> {
  const pairs = await Promise.all(names.map(async (name) => [name, await read(name)] as const))
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
}

/** `keep` names settings that somebody else needs by now. */
export async function restoreSysctls(before: Sysctls, keep: readonly string[] = []): Promise<void> {
  for (const name of names) {
    const value = before[name]
    if (value === undefined || keep.includes(name) || (await read(name)) === value) continue
    await writeFile(`/proc/sys/${name}`, value)
  }
}

async function read(name: string): Promise<string | undefined> {
  return readFile(`/proc/sys/${name}`, 'utf8').then((text) => text.trim(), () => undefined)
}
