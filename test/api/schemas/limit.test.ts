import { test } from 'tap'
import { LevelObjectiveSchema, LevelSchema, LimitResultSchema } from '../../../src/api/schemas/limit.ts'
import { allComponents } from '../../../src/api/schemas/schema.ts'

test('all are components of OpenAPI', async (t) => {
  for (const schema of [LevelObjectiveSchema, LevelSchema, LimitResultSchema]) t.ok(allComponents().includes(schema as never))
})
