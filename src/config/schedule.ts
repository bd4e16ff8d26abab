import { dirname, isAbsolute, join } from 'node:path'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { parseTimes } from '../experiment/cron.ts'
import type { ScheduledExperiment } from '../experiment/schedule.ts'
import { PremortemError } from '../kernel/errors.ts'
import { Duration, Strict } from '../kernel/schema.ts'
import type { ParsedText } from '../kernel/text.ts'
import { loadExperiment } from './experiment-file.ts'

/** Schema of what is run again and again, as written. */
export const ScheduleSchema = Type.Array(Strict({
  name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', wanted: 'a name of letters, digits, dot, dash and underscore', description: 'how it is called' }),
  cron: Type.String({ minLength: 1, wanted: 'minute, hour, day, month and weekday, such as "0 10 * * mon-fri"', description: 'when: minute, hour, day, month and weekday' }),
  zone: Type.Optional(Type.String({ minLength: 1, default: 'UTC', wanted: 'an IANA name such as Europe/Berlin or UTC', description: 'the time zone that `cron` is read in' })),
  experiment: Type.String({ minLength: 1, description: 'its file, relative to this one; read anew each time' }),
  jitter: Type.Optional(Duration({ default: 0, description: 'it begins at random up to so much later' })),
  enabled: Type.Optional(Type.Boolean({ default: true }))
}), { wanted: 'a list of experiments, each with name, cron and experiment' })

/** What is to be run, decoded; `file` is the configuration's, for the paths in it. Throws PMT_ERR_INVALID with the path. */
export function decodeSchedule (document: Static<typeof ScheduleSchema>, file: string | undefined): ScheduledExperiment[] {
  return document.map(({ name, cron, zone = 'UTC', experiment, jitter = 0, enabled = true }, i) => {
    const there = file === undefined || isAbsolute(experiment) ? experiment : join(dirname(file), experiment)
    try {
      return { name, cron, zone, times: parseTimes(cron, zone), experiment: there, jitter: Number(jitter), enabled }
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
      const { message, details } = error
      throw new PremortemError(error.code, { ...details, message, path: `schedule.${i}.${details.path}` })
    }
  })
}

/**
 * Reads every file of a schedule, so that what does not fit is told now and not at three in the morning. Throws as
 * `loadExperiment`: with the place in that file, or, if it cannot be read, where the configuration names it.
 */
export async function checkSchedule (schedule: readonly ScheduledExperiment[], locate: ParsedText['locate']): Promise<void> {
  for (const [i, { experiment }] of schedule.entries()) {
    try {
      await loadExperiment(experiment)
    } catch (error) {
      if (!(error instanceof PremortemError) || error.details.line !== undefined) throw error
      const { message, code, cause } = error
      locate(() => {
        throw new PremortemError(code, { message, path: `schedule.${i}.experiment`, found: experiment, wanted: 'the file of an experiment', hint: 'it is relative to the configuration', cause })
      })
    }
  }
}
