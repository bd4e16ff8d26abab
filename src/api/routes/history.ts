import { Type } from 'typebox'
import { Strict } from '../../kernel/schema.ts'
import { trendsOf } from '../../report/trend.ts'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { HistorySchema } from '../schemas/history.ts'
import { about } from '../schemas/route.ts'
import { WholeNumber, ref } from '../schemas/schema.ts'

/** The most runs that one answer has. */
const MOST = 10_000

/** Runs of this and earlier processes. */
export const historyRoutes: Routes = (app, { history }) => {
  app.get('/v1/history', {
    schema: {
      ...about('getHistory', 'experiments', 'Lists the runs of the data folder, and how each experiment went over them', 'Also of earlier processes, and runs that were killed.'),
      querystring: Strict({
        title: Type.Optional(Type.String({ minLength: 1, description: 'only runs whose title contains this, whatever the case' })),
        last: Type.Optional(WholeNumber(1, MOST, 'how many, the newest; 20 if left out'))
      }),
      response: { 200: ref(HistorySchema), ...errorAnswers }
    }
  }, async (request) => {
    const runs = await history(request.query)
    return { runs, experiments: trendsOf(runs) }
  })
}
