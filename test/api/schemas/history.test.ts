import { test } from 'tap'
import { HistorySchema, RunSummarySchema, TrendSchema } from '../../../src/api/schemas/history.ts'
import { allComponents } from '../../../src/api/schemas/schema.ts'

test('all three are components of OpenAPI', async (t) => {
  for (const schema of [HistorySchema, RunSummarySchema, TrendSchema]) t.ok(allComponents().includes(schema as never))
})
