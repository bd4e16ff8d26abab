import { Type } from 'typebox'
import { EXIT_CODES } from '../../experiment/result.ts'
import type { RunOutcome } from '../../experiment/result.ts'
import type { Occurrence, ScheduleView } from '../../experiment/schedule.ts'
import { OneOf } from '../../kernel/schema.ts'
import { Moment, Nullable, component, count, ms, ref } from './schema.ts'

/** Schema of what became of a time that came. */
export const OccurrenceSchema = component<Occurrence>('Occurrence')(Type.Object({
  due: Moment('when it was due'),
  kind: OneOf(['started', 'skipped', 'failed'], { description: '`skipped`: something stood against it; `failed`: it could not start' }),
  run: Nullable(Type.String()),
  outcome: Nullable(OneOf(Object.keys(EXIT_CODES) as RunOutcome[], { description: 'null while the run is in progress' })),
  reason: Nullable(Type.String({ description: 'why it was skipped or failed' }))
}))

/** Schema of a scheduled experiment. */
export const ScheduleViewSchema = component<ScheduleView>('Schedule')(Type.Object({
  name: Type.String(),
  cron: Type.String(),
  zone: Type.String({ description: 'time zone of `cron`' }),
  experiment: Type.String({ description: 'its file' }),
  jitter: ms('it begins at random up to so much later'),
  enabled: Type.Boolean(),
  nextAt: Nullable(Moment('when it begins next, the random delay included')),
  upcoming: Type.Array(Moment('when it is due'), { description: 'the next three times, before any delay' }),
  last: Nullable(ref(OccurrenceSchema)),
  started: count(),
  skipped: count(),
  failed: count()
}, { description: 'An experiment that is run again and again' }))
