/**
 * Sums up: tally.mjs BROKEN FILE…, where BROKEN is how many steps besides the tests failed and each FILE holds
 * vitest's results as JSON. A missing file, a file of tests that could not be loaded and a run without a single
 * test count as one failure each.
 */
import { existsSync, readFileSync } from 'node:fs'

const [broken, ...files] = process.argv.slice(2)

function count(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  const unloaded = testResults.filter(
    (one) => one.status === 'failed' && !one.assertionResults.some((test) => test.status === 'failed'),
  )
  const none = numPassedTests + numFailedTests === 0 ? 1 : 0
  return {
    passed: numPassedTests,
    failed: numFailedTests + unloaded.length + none,
    skipped: numPendingTests + numTodoTests,
  }
}

const counts = files.map(count)
const sum = (name) => counts.reduce((total, one) => total + one[name], 0)
const failed = sum('failed') + Number(broken)
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`)
console.log(`${sum('passed')} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
