/** From the most to the least. */
export const roles = ['owner', 'member', 'pipeline-operator', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Who has which role: `connector:name` or `connector:subject` of users, `connector:group` of groups (Concourse: atc.TeamAuth). */
export type TeamAuth = { readonly [R in Role]?: { readonly users: readonly string[]; readonly groups: readonly string[] } }

export interface Team {
  readonly id: number
  readonly name: string
  readonly auth: TeamAuth
  /** Its owners are admins of the installation. */
  readonly admin: boolean
}

/** A person as a connector knows them. */
export interface Identity {
  readonly connector: string
  readonly subject: string
  /** By which team auth knows the person, besides the subject. */
  readonly name: string
  /** As it is shown to people, where that is another. */
  readonly fullName?: string
  readonly email?: string
  readonly groups: readonly string[]
}
