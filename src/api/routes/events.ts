import { Type } from 'typebox'
import type { Routes } from '../app.ts'
import { createEventStreams } from '../event-stream.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about, answerOf } from '../schemas/route.ts'
import { WholeNumber } from '../schemas/schema.ts'

/** What happens, as it happens. */
export const eventRoutes: Routes = (app, { events, clock }) => {
  const streams = createEventStreams({ events, clock })
  app.addHook('preClose', async () => streams.close())

  app.get('/v1/events', {
    exposeHeadRoute: false,
    schema: {
      ...about('streamEvents', 'control', 'Streams what happens', 'Server-sent events; `data` is an Event. Last-Event-ID resumes after that event, from the last thousand.'),
      headers: Type.Object({ 'last-event-id': Type.Optional(WholeNumber(0, 9_999_999_999, 'the last event seen')) }),
      response: { 200: answerOf('messages of `id`, `event` and `data`', 'text/event-stream'), ...errorAnswers }
    }
  }, (request, reply) => {
    reply.hijack()
    streams.open(reply.raw, request.headers['last-event-id'])
  })
}
