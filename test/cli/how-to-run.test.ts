import { test } from 'tap'
import { readHowToRun } from '../../src/cli/how-to-run.ts'

test('why a run may be outside its windows is a reason, or nothing', async (t) => {
  t.strictSame(readHowToRun({}), { outsideWindow: undefined })
  t.strictSame(readHowToRun({ 'outside-window': 'incident 4711' }), { outsideWindow: 'incident 4711' })
  t.throws(() => readHowToRun({ 'outside-window': ' ' }), { code: 'PMT_ERR_USAGE', message: /--outside-window/ })
})

test('a rehearsal is asked for', async (t) => {
  t.strictSame(readHowToRun({ shadow: true }), { outsideWindow: undefined, shadow: true })
  t.strictSame(readHowToRun({ shadow: false }), { outsideWindow: undefined })
})
