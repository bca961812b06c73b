/**
 * Notes each test as soon as it has ended, so that a run which is cut short is counted as far as it came: a line
 * `passed`, `failed` or `skipped` per test in the file that ZUKO_TALLY names, and `whole` when the run has ended.
 */
import { appendFileSync } from 'node:fs'

const note = (word) => appendFileSync(process.env.ZUKO_TALLY, `${word}\n`)

export default class {
  onTestCaseResult(test) {
    note(test.result().state)
  }

  /** A file that could not be loaded has no test that failed. */
  onTestModuleEnd(file) {
    for (const _ of file.errors()) note('failed')
  }

  /** A suite's own hooks. */
  onTestSuiteResult(suite) {
    for (const _ of suite.errors()) note('failed')
  }

  onTestRunEnd(_files, errors, reason) {
    for (const _ of errors) note('failed')
    if (reason !== 'interrupted') note('whole')
  }
}
