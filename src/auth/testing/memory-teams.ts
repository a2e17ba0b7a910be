import type { Team } from '../../model/team.ts'
import type { TeamStore } from '../ports.ts'

/** As db's Teams, in memory. It passes the same suite. */
export class MemoryTeams implements TeamStore {
  private teams: readonly Team[]

  constructor(teams: readonly Team[] = []) {
    this.teams = teams
  }

  list(): Promise<readonly Team[]> {
    return Promise.resolve(this.teams.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  }

  put(team: Omit<Team, 'id'>): Promise<void> {
    const known = this.teams.find(({ name }) => name === team.name)
    const id = known?.id ?? Math.max(0, ...this.teams.map((one) => one.id)) + 1
    this.teams = [...this.teams.filter(({ name }) => name !== team.name), { ...team, id }]
    return Promise.resolve()
  }

  rename(name: string, to: string): Promise<'renamed' | 'unknown' | 'taken'> {
    const known = this.teams.find((team) => team.name === name)
    if (known === undefined) return Promise.resolve('unknown')
    if (name !== to && this.teams.some((team) => team.name === to)) return Promise.resolve('taken')
    this.teams = this.teams.map((team) => (team === known ? { ...team, name: to } : team))
    return Promise.resolve('renamed')
  }

  remove(name: string): Promise<'removed' | 'unknown' | 'last-admin'> {
    const known = this.teams.find((team) => team.name === name)
    if (known === undefined) return Promise.resolve('unknown')
    if (known.admin && this.teams.filter(({ admin }) => admin).length === 1) return Promise.resolve('last-admin')
    this.teams = this.teams.filter((team) => team !== known)
    return Promise.resolve('removed')
  }
}
