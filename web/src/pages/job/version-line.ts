import type { ResourceVersion } from '../../api/types.ts'
import { cutInMiddle } from '../../parts/middle.ts'

const longestField = 48
const longestSaid = 60

/** A version in one line of a list: its fields, what its metadata says of it, and whether it is disabled. */
export function versionLine({ version, metadata, enabled }: Pick<ResourceVersion, 'version' | 'metadata' | 'enabled'>): string {
  const fields = Object.entries(version)
    .map(([key, value]) => `${key} ${cutInMiddle(value, longestField)}`)
    .join(', ')
  const [said = ''] = (metadata?.find(({ name }) => name === 'message')?.value ?? '').trim().split('\n')
  return `${fields}${said === '' ? '' : ` “${cutInMiddle(said, longestSaid)}”`}${enabled ? '' : ' (disabled)'}`
}
