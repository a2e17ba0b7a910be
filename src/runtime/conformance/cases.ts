import type { Kit } from './kit.ts'

/** Cases by the name of the behaviour they show. */
export type Cases = Readonly<Record<string, (kit: Kit) => Promise<void>>>
