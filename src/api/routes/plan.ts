import { decodeExperiment } from '../../experiment/document.ts'
import { planExperiment } from '../../experiment/plan.ts'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about } from '../schemas/route.ts'
import { ExperimentBody, PlanReportSchema } from '../schemas/run.ts'
import { ref } from '../schemas/schema.ts'

/** What an experiment needs to be able to conclude. */
export const planRoutes: Routes = (app, { plane, allowed }) => {
  app.post('/v1/plan', {
    config: { audited: false },
    schema: {
      ...about('plan', 'experiments', 'Says what an experiment needs to be able to conclude', 'Starts nothing.'),
      consumes: ['application/json', 'application/yaml'],
      body: ExperimentBody,
      response: { 200: ref(PlanReportSchema), ...errorAnswers }
    }
  }, async (request) => planExperiment(decodeExperiment(request.body), plane, allowed))
}
