import { Type } from 'typebox'
import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { OptionalBody, about } from '../schemas/route.ts'
import { ref } from '../schemas/schema.ts'
import { HaltViewSchema } from '../schemas/state.ts'

const response = { 200: ref(HaltViewSchema), ...errorAnswers }

/** The panic lever. */
export const haltRoutes: Routes = (app, { halt }) => {
  const view = () => ({ halted: halt.state })

  app.get('/v1/halt', { schema: { ...about('getHalt', 'control', 'Shows whether premortem is halted'), response } }, async () => view())

  app.post('/v1/halt', {
    schema: {
      ...about('halt', 'control', 'Removes every fault and ends every run, at once', 'Sticky: nothing starts until it is released. Engaging it again changes nothing.'),
      body: OptionalBody({ reason: Type.Optional(Type.String({ minLength: 1, description: 'why, for people' })) }),
      response
    }
  }, async (request) => {
    halt.engage(request.body.reason ?? 'asked for over the control API')
    return view()
  })

  app.delete('/v1/halt', {
    schema: {
      ...about('releaseHalt', 'control', 'Releases the panic lever', 'What had been set before it was engaged does not come back.'),
      body: OptionalBody({ reason: Type.String({ minLength: 1, description: 'why things may start again, for people', wanted: 'why things may start again, in a few words' }) }),
      response
    }
  }, async (request) => {
    halt.release(request.body.reason)
    return view()
  })
}
