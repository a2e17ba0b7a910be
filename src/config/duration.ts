export { durationHint, parseDuration } from '../lib/duration.ts'
