import type { Routes } from '../app.ts'
import { errorAnswers } from '../schemas/error.ts'
import { about } from '../schemas/route.ts'
import { ref } from '../schemas/schema.ts'
import { StateViewSchema } from '../schemas/state.ts'

/** Everything at a glance. */
export const stateRoutes: Routes = (app, { proxies, runs, halt, clock, lag, version, startedAt }) => {
  app.get('/v1/state', {
    schema: { ...about('getState', 'control', 'Shows everything at a glance'), response: { 200: ref(StateViewSchema), ...errorAnswers } }
  }, async () => {
    const views = proxies.list().map((proxy) => proxy.view())
    const faults = views.flatMap((proxy) => proxy.faults)
    return {
      version,
      startedAt,
      uptime: clock.wall() - Date.parse(startedAt),
      halted: halt.state,
      proxies: views,
      faults,
      staying: faults.filter((fault) => fault.expiresAt === null),
      runs: runs.list().filter((run) => run.state === 'running'),
      lag: lag()
    }
  })
}
