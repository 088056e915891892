// Reads vitest's JSON report and prints "PASSED FAILED". A file that could not be loaded, a test that was skipped and a
// suite without tests all count as failures: what did not run proves nothing.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [, , path] = process.argv
let report
try {
  report = JSON.parse(readFileSync(path, 'utf8'))
} catch {
  console.error('The suite left no report.')
  console.log('0 1')
  process.exit(0)
}
const tests = report.testResults.flatMap((file) => file.assertionResults)
const passed = tests.filter((test) => test.status === 'passed').length
const failedTests = tests.filter((test) => test.status !== 'passed')
const brokenFiles = report.testResults.filter((file) => file.assertionResults.length === 0)
for (const file of report.testResults)
  for (const test of file.assertionResults)
    if (test.status !== 'passed') {
      const [why = ''] = (test.failureMessages?.[0] ?? '').split('\n')
      console.error(`${test.status}: ${relative(process.cwd(), file.name)} > ${test.fullName}: ${why.slice(0, 300)}`)
    }
for (const file of brokenFiles) console.error(`no test ran: ${file.name}`)
// An error outside of any test fails the run without failing a test.
const outside = report.success || failedTests.length + brokenFiles.length > 0 ? 0 : 1
if (outside > 0) console.error('The run failed outside of its tests.')
const none = tests.length === 0 && brokenFiles.length === 0 ? 1 : 0
if (none > 0) console.error('The suite ran no test.')
console.log(`${passed} ${failedTests.length + brokenFiles.length + outside + none}`)
