import { test } from 'tap'
import { AlertsTakenSchema, BudgetResultSchema, DetectionSchema, PagingSchema } from '../../../src/api/schemas/detection.ts'
import { allComponents } from '../../../src/api/schemas/schema.ts'

test('all of them are components of OpenAPI', async (t) => {
  const schemas = [AlertsTakenSchema, BudgetResultSchema, DetectionSchema, PagingSchema]
  for (const schema of schemas) t.ok(allComponents().includes(schema as never))
})
