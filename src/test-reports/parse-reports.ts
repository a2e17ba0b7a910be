import { Redactor } from '../lib/redactor.ts'
import type { PlanId } from '../model/plan.ts'
import type { TestCase, TestReports, TestState, TestSuite } from '../model/test-report.ts'
import { readJunit } from './junit.ts'
import { Sentences } from './sentences.ts'
import { cleanXml, decodeXml } from './xml-text.ts'

/** Of a step's output: `OUTPUT/path/in/it`. */
export interface ReportFile {
  readonly plan: PlanId
  readonly file: string
  readonly bytes: Uint8Array
}

export interface ReportBounds {
  /** That are listed, of a build. */
  readonly cases: number
  readonly suites: number
  /** Of messages, texts and outputs of a build together. */
  readonly characters: number
}

export const reportBounds: ReportBounds = { cases: 50_000, suites: 10_000, characters: 8 * 1024 * 1024 }
const elementBounds = { depth: 100, name: 1_000, message: 4_000, text: 32_000 }

const isFailed = ({ state }: { readonly state: TestState }): boolean => state === 'failed' || state === 'errored'

interface OpenSuite extends TestSuite {
  readonly failed: TestCase[]
  readonly others: TestCase[]
}

/** Reads reports of a build. Secrets that the build learnt are taken out of every text. */
export function parseReports(files: readonly ReportFile[], secrets: readonly string[], bounds: ReportBounds = reportBounds): TestReports {
  const redactor = new Redactor()
  redactor.add(secrets)
  const counts = { passed: 0, failed: 0, errored: 0, skipped: 0 }
  const suites: OpenSuite[] = []
  const leftOut = new Sentences()
  const kept = { failed: 0, others: 0 }
  let [unlistedSuites, left, shortened] = [0, bounds.characters, 0]

  const shown = (testCase: TestCase): TestCase => {
    const { name, class: className, state, ms, ...texts } = testCase
    const size = Object.values(texts).reduce((sum, text) => sum + text.length, 0)
    const fits = size <= left
    if (fits) left -= size
    else shortened += 1
    const hidden = Object.fromEntries(Object.entries(fits ? texts : {}).map(([key, text]) => [key, redactor.redact(text)]))
    return { name: redactor.redact(name), ...(className !== undefined && { class: redactor.redact(className) }), state, ...(ms !== undefined && { ms }), ...hidden }
  }
  const take = (suite: OpenSuite | undefined, testCase: TestCase): void => {
    counts[testCase.state] += 1
    const list = isFailed(testCase) ? 'failed' : 'others'
    if (suite === undefined || kept[list] >= bounds.cases) return
    kept[list] += 1
    suite[list].push(shown(testCase))
  }

  for (const { plan, file, bytes } of files) {
    const xml = decodeXml(bytes)
    if (xml === undefined) {
      leftOut.add(`${file}: its encoding is not known; write it as UTF-8`)
      continue
    }
    let cases = 0
    const read = readJunit(
      cleanXml(xml),
      {
        suite: (name) => {
          const suite: OpenSuite | undefined = suites.length < bounds.suites ? { plan, file, name: redactor.redact(name), cases: [], failed: [], others: [] } : undefined
          if (suite === undefined) unlistedSuites += 1
          else suites.push(suite)
          return (testCase) => {
            cases += 1
            take(suite, testCase)
          }
        },
      },
      elementBounds,
    )
    if (!read.ok) leftOut.add(`${file}: ${redactor.redact(read.error)}${cases > 0 ? '; the cases before that are listed' : ''}`)
  }

  // Of too many, those that did not fail go, the last ones first.
  const room = bounds.cases - kept.failed
  let unlisted = counts.passed + counts.skipped + counts.failed + counts.errored - kept.failed - kept.others
  let others = 0
  const listed = suites.map(({ plan, file, name, failed, others: rest }) => {
    const taken = rest.slice(0, Math.max(0, room - others))
    others += taken.length
    unlisted += rest.length - taken.length
    return { plan, file, name, cases: [...failed, ...taken] }
  })
  if (unlisted > 0) leftOut.add(`${unlisted} cases are counted, but not listed: of a build at most ${bounds.cases} are${unlistedSuites > 0 ? `, in at most ${bounds.suites} suites` : ''}`)
  if (shortened > 0) leftOut.add(`the messages of ${shortened} cases are left out: those of a build have at most ${bounds.characters} characters together`)
  return { counts, suites: failedFirst(listed.filter(({ cases }) => cases.length > 0)), leftOut: leftOut.list() }
}

const failedFirst = (suites: readonly TestSuite[]): readonly TestSuite[] => {
  const hasFailed = ({ cases: [first] }: TestSuite): boolean => first !== undefined && isFailed(first)
  return [...suites.filter(hasFailed), ...suites.filter((suite) => !hasFailed(suite))]
}
