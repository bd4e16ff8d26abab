import { Cron } from 'croner'
import { PremortemError } from '../kernel/errors.ts'

/** Times that come again and again. */
export interface Times {
  /** The first after a moment; both in milliseconds since the epoch. null if there is none any more. */
  after (moment: number): number | null
}

/**
 * The times that a cron expression of five fields (or `@daily` and the like) names in an IANA time zone. Where clocks go
 * forward, a fixed time that does not exist is the moment of the change; where they go back, it comes once, the first time.
 * Throws PMT_ERR_INVALID with the path `cron` or `zone`.
 */
export function parseTimes (expression: string, zone: string): Times {
  checkZone(zone)
  let cron: Cron
  try {
    // Without a function it only reckons: the timers are the clock's.
    cron = new Cron(expression, { timezone: zone, mode: '5-part' })
  } catch (cause) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'not a cron expression',
      path: 'cron',
      found: expression,
      wanted: 'minute, hour, day, month and weekday, such as "0 10 * * mon-fri"',
      hint: inShort((cause as Error).message),
      cause
    })
  }
  const times = { after: (moment: number): number | null => cron.nextRun(new Date(moment))?.getTime() ?? null }
  // A day that never comes, such as 30 February, is a slip.
  if (times.after(0) === null) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'a time that never comes', path: 'cron', found: expression, wanted: 'a day that there is' })
  }
  return times
}

function checkZone (zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).format(0)
  } catch (cause) {
    throw new PremortemError('PMT_ERR_INVALID', { message: 'no such time zone', path: 'zone', found: zone, wanted: 'an IANA name such as Europe/Berlin or UTC', cause })
  }
}

// The library's own words begin with a class of theirs.
const inShort = (message: string): string => message.replace(/^Cron\w+: /, '').replace(/^mode '5-part' requires/, 'it takes').replace('five, six, or seven', 'five')
