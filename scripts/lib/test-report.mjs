// Reporter of vitest that writes, as JSON into the file AIRSIDE_TEST_REPORT, what scripts/test.mjs sums up.
import { writeFileSync } from 'node:fs'

export default class TestReport {
  onTestRunEnd(modules) {
    const files = modules.map((module) => {
      const { collectDuration, duration } = module.diagnostic()
      return { file: module.relativeModuleId, seconds: (collectDuration + duration) / 1000 }
    })
    const tests = modules.flatMap((module) => [...module.children.allTests()].map((test) => ({ file: module.relativeModuleId, ...told(test) })))
    writeFileSync(process.env.AIRSIDE_TEST_REPORT, JSON.stringify({ files, tests }))
  }
}

function told(test) {
  const { state, errors = [] } = test.result()
  return { fullName: test.fullName, status: state, tries: (test.diagnostic()?.retryCount ?? 0) + 1, errors: errors.map(({ message }) => message) }
}
