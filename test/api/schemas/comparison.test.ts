import { test } from 'tap'
import { ComparisonSchema, DeviationSchema } from '../../../src/api/schemas/comparison.ts'
import { allComponents } from '../../../src/api/schemas/schema.ts'

test('both are components of OpenAPI', async (t) => {
  for (const schema of [ComparisonSchema, DeviationSchema]) t.ok(allComponents().includes(schema as never))
})
