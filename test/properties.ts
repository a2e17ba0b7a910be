// Before the tests of each file: which random inputs property tests try.
import fc from 'fast-check'

const wanted = process.env['AIRSIDE_SEED']

// Always the same, unless others are asked for: a run of all tests says whether this change is good, not whether it had luck.
// A failure prints its seed, which AIRSIDE_SEED repeats.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: wanted === 'random' ? Date.now() : Number(wanted ?? 1) })
