import { test } from 'tap'
import { renderJson } from '../../src/report/json.ts'
import { awkward, breached } from './results.ts'

test('json is the result itself', async (t) => {
  for (const result of [breached(), awkward()]) t.same(JSON.parse(renderJson(result)), result)
})
