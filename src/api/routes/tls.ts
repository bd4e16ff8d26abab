import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about, answerOf } from '../schemas/route.ts'

const PEM = 'application/x-pem-file'

/** The certificate of premortem's own CA, for clients to trust. Its key is never sent. */
export const tlsRoutes: Routes = (app, { identities }) => {
  app.get('/v1/tls/ca.pem', {
    schema: { ...about('getCa', 'tls', 'The root certificate of premortem\'s CA, in PEM'), response: { 200: answerOf('the certificate', PEM), ...errorAnswers } }
  }, async (_request, reply) => {
    const { rootPem } = await identities()
    return reply.type(PEM).serializer((payload: string) => payload).send(rootPem)
  })
}
