import { Type } from 'typebox'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about } from '../schemas/route.ts'
import { ScheduleViewSchema } from '../schemas/schedule.ts'
import { ref } from '../schemas/schema.ts'

/** What the configuration has run again and again. */
export const scheduleRoutes: Routes = (app, { schedule }) => {
  app.get('/v1/schedule', {
    schema: { ...about('getSchedule', 'experiments', 'Lists the scheduled experiments: when they run next, and what came of the last time'), response: { 200: Type.Array(ref(ScheduleViewSchema)), ...errorAnswers } }
  }, async () => schedule.views())
}
