import { tokensSuite } from '../../db/conformance/tokens.suite.ts'
import { MemoryTokens } from './memory-tokens.ts'

tokensSuite({ name: 'tokens in memory', fresh: () => Promise.resolve(new MemoryTokens()) })
