import { Type } from 'typebox'
import { Duration, OneOf, Strict } from '../../kernel/schema.ts'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { OptionalBody, Params, about, answerOf } from '../schemas/route.ts'
import { REPORT_FORMATS, rendererOf } from '../../report/report.ts'
import { readAlerts } from '../../experiment/alerts.ts'
import { AlertsTakenSchema } from '../schemas/detection.ts'
import { ExperimentBody, RunViewSchema } from '../schemas/run.ts'
import { WholeNumber, ref } from '../schemas/schema.ts'

const params = Params('run')

/** Runs of experiments. */
export const runRoutes: Routes = (app, { runs, report, allowed }) => {
  app.post('/v1/runs', {
    schema: {
      ...about('startRun', 'experiments', 'Starts an experiment', 'The document is JSON, or YAML with content-type application/yaml. Answers at once; the run goes on.'),
      consumes: ['application/json', 'application/yaml'],
      querystring: Strict({
        seed: Type.Optional(WholeNumber(0, 0xffffffff, 'seed of every random choice; a fresh one if left out')),
        outsideWindow: Type.Optional(Type.String({ minLength: 1, description: 'why it may run outside its windows; noted in the result' })),
        shadow: Type.Optional(OneOf(['true', 'false'], { description: 'a rehearsal: every fault in shadow mode, which counts whom it would hit and touches nothing' })),
        lease: Type.Optional(Duration({ description: 'the run is interrupted when no heartbeat comes for this long; it needs none if left out' }))
      }),
      body: ExperimentBody,
      response: { 202: ref(RunViewSchema), ...errorAnswers }
    }
  }, async (request, reply) => {
    const { shadow, ...options } = request.query
    const view = await runs.start(request.body, { ...options, allowed, ...shadow === undefined ? {} : { shadow: shadow === 'true' } })
    return reply.status(202).header('location', `/v1/runs/${encodeURIComponent(view.id)}`).send(view)
  })

  app.get('/v1/runs', {
    schema: { ...about('listRuns', 'experiments', 'Lists the runs of this process'), response: { 200: Type.Array(ref(RunViewSchema)), ...errorAnswers } }
  }, async () => runs.list())

  app.get('/v1/runs/:run', {
    schema: { ...about('getRun', 'experiments', 'Shows a run: its phase and live figures, or its result'), params, response: { 200: ref(RunViewSchema), ...errorAnswers } }
  }, async (request) => runs.view(request.params.run))

  app.post('/v1/runs/:run/abort', {
    schema: {
      ...about('abortRun', 'experiments', 'Ends a run early; its faults are removed'),
      params,
      body: OptionalBody({
        reason: Type.Optional(Type.String({ minLength: 1, description: 'why, for the report' })),
        outcome: Type.Optional(OneOf(['aborted', 'interrupted'], { description: 'what the report calls it; `interrupted` when the one who started it went away' }))
      }),
      response: { 200: ref(RunViewSchema), ...errorAnswers }
    }
  }, async (request) => runs.abort(request.params.run, request.body.reason ?? 'asked for over the control API', request.body.outcome))

  app.post('/v1/runs/:run/heartbeat', {
    config: { audited: false },
    schema: { ...about('heartbeat', 'experiments', 'Keeps a run with a lease alive'), params, response: { 200: ref(RunViewSchema), ...errorAnswers } }
  }, async (request) => runs.heartbeat(request.params.run))

  app.post('/v1/runs/:run/alerts', {
    schema: {
      ...about('receiveAlerts', 'experiments', 'Takes alerts of your monitoring', 'Alertmanager\'s webhook, or any JSON object, with a `title` if it has one. Those that fire count, from when they arrive: a run\'s result says how long the first one took. `current` in place of an id is every run in progress.'),
      params,
      body: Type.Unknown({ wanted: 'a JSON object, such as Alertmanager\'s webhook or { "title": "HighErrorRate" }' }),
      response: { 202: ref(AlertsTakenSchema), ...errorAnswers }
    }
  }, async (request, reply) => {
    const { firing, others } = readAlerts(request.body)
    const runsTold = runs.alert(request.params.run, firing)
    return reply.status(202).send({ firing: firing.length, others, runs: runsTold })
  })

  app.get('/v1/runs/:run/report', {
    schema: {
      ...about('getReport', 'experiments', 'Renders a run\'s report', 'Also for runs of earlier processes, from the data folder.'),
      params,
      querystring: Strict({ format: OneOf(REPORT_FORMATS, { default: 'json' }) }),
      response: { 200: answerOf('the report', 'application/json', 'text/plain', 'application/xml', 'text/markdown'), ...errorAnswers }
    }
  }, async (request, reply) => {
    const { format } = request.query
    const text = await report(request.params.run, format)
    return reply.type(rendererOf(format).contentType).serializer((payload: string) => payload).send(text)
  })
}
