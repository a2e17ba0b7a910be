import { describe, expect, it } from 'vitest'
import { benchNames, readOptions, usage, usualBenches } from './options.ts'

describe('readOptions', () => {
  it('measures a to h on both runtimes, twenty times', () => {
    expect(readOptions([])).toEqual({ runtimes: ['docker', 'kubernetes'], only: new Set(usualBenches), runs: 20, sizes: [10, 100, 500], json: false, help: false })
  })

  it('takes what it is told', () => {
    const options = readOptions(['--runtime', 'kubernetes', '--only', 'a, g', '--runs', '3', '--sizes', '1, 20', '--json'])
    expect(options).toEqual({ runtimes: ['kubernetes'], only: new Set(['a', 'g']), runs: 3, sizes: [1, 20], json: true, help: false })
  })

  it('takes names as words too', () => {
    expect(readOptions(['images']).only).toEqual(new Set(['images']))
    expect(readOptions(['a', '--only', 'images']).only).toEqual(new Set(['a', 'images']))
  })

  it.each([...benchNames, 'scheduler', 'redaction', 'checks'])('lists %s in its help', (name) => {
    expect(usage).toMatch(new RegExp(`^  ${name}  `, 'm'))
  })

  it.each([
    [['--runs', '0'], '--runs 0: write it as a number from 1'],
    [['--runs', '1.5'], '--runs 1.5'],
    [['--sizes', '10,big'], '--sizes big: write it as a number from 1'],
    [['--only', 'a,z'], 'bench z: it is one of a, b, c'],
    [['picture'], 'bench picture: it is one of a, b, c'],
    [['--runtime', 'fake'], '--runtime fake: it is one of docker, kubernetes'],
    [['--what'], "Unknown option '--what'"],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message)
  })
})
