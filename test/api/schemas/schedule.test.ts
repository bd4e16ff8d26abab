import { test } from 'tap'
import { allComponents } from '../../../src/api/schemas/schema.ts'
import { OccurrenceSchema, ScheduleViewSchema } from '../../../src/api/schemas/schedule.ts'

test('both are components of OpenAPI', async (t) => {
  for (const schema of [OccurrenceSchema, ScheduleViewSchema]) t.ok(allComponents().includes(schema as never))
})
