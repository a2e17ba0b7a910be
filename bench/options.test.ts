import { describe, expect, it } from 'vitest'
import { benchNames, readOptions } from './options.ts'

describe('readOptions', () => {
  it('measures everything on both runtimes, twenty times', () => {
    expect(readOptions([])).toEqual({ runtimes: ['docker', 'kubernetes'], only: new Set(benchNames), runs: 20, json: false, help: false })
  })

  it('takes what it is told', () => {
    const options = readOptions(['--runtime', 'kubernetes', '--only', 'a, g', '--runs', '3', '--json'])
    expect(options).toEqual({ runtimes: ['kubernetes'], only: new Set(['a', 'g']), runs: 3, json: true, help: false })
  })

  it.each([
    [['--runs', '0'], '--runs 0: write it as a number from 1'],
    [['--runs', '1.5'], '--runs 1.5'],
    [['--only', 'a,z'], '--only z: it is one of a, b, c'],
    [['--runtime', 'fake'], '--runtime fake: it is one of docker, kubernetes'],
    [['--what'], "Unknown option '--what'"],
    [['a'], 'Unexpected argument'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message)
  })
})
