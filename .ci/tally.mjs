/**
 * Sums up: tally.mjs BROKEN FILE…, where BROKEN is how many steps besides the tests failed and each FILE is one of
 * reporter.mjs. A missing file, a run that did not come to its end and one without a single test count as one
 * failure each.
 */
import { existsSync, readFileSync } from 'node:fs'

const [broken, ...files] = process.argv.slice(2)

function count(file) {
  const words = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const number = (wanted) => words.filter((word) => word === wanted).length
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(number)
  const cut = number('whole') === 0 || passed + failed === 0 ? 1 : 0
  return { passed, failed: failed + cut, skipped }
}

const counts = files.map(count)
const sum = (name) => counts.reduce((total, one) => total + one[name], 0)
const failed = sum('failed') + Number(broken)
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`)
console.log(`${sum('passed')} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
