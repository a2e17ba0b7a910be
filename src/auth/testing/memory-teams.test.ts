import { teamsSuite } from '../../db/conformance/teams.suite.ts'
import { MemoryTeams } from './memory-teams.ts'

teamsSuite({ name: 'teams in memory', fresh: () => Promise.resolve(new MemoryTeams()) })
