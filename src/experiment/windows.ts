import { Type } from 'typebox'
import type { Static } from 'typebox'
import { PremortemError } from '../kernel/errors.ts'
import { OneOf, Strict } from '../kernel/schema.ts'
import { formatDuration } from '../kernel/units.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const clock = (description: string) => Type.String({
  pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$', description, wanted: 'a time of day such as 09:30, from 00:00 to 24:00'
})

/** Schema of `windows`: when runs are allowed. */
export const WindowsSchema = Type.Array(Strict({
  days: Type.Optional(Type.Array(OneOf(DAYS), { minItems: 1, description: 'days on which it opens; all if left out', wanted: 'a list of mon, tue, wed, thu, fri, sat, sun' })),
  from: clock('when it opens'),
  to: clock('when it closes; on the next day if that is not after `from`'),
  zone: Type.String({ minLength: 1, description: 'IANA time zone, such as Europe/Berlin', wanted: 'an IANA time zone such as Europe/Berlin, America/New_York or UTC' })
}), { minItems: 1, description: 'when runs may take place; at any time if left out', wanted: 'a list of windows, each with days, from, to, zone' })

/** Windows as they are written. */
export type WindowsDocument = Static<typeof WindowsSchema>

/** One window, decoded: days as 0 (Monday) to 6, times of day in minutes. */
export interface Window { days: ReadonlySet<number>, from: number, to: number, zone: string }

/** A stretch of time, in milliseconds since the epoch; `zone` is that of the window that opens it. */
export interface Opening { opens: number, closes: number, zone: string }

/** Windows from what a person wrote, checked against the schema before. Throws PMT_ERR_INVALID, the path below `path`. */
export function decodeWindows (written: WindowsDocument, path = 'windows'): Window[] {
  return written.map(({ days, from, to, zone }, i) => {
    if (!isZone(zone)) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'no such time zone', path: `${path}.${i}.zone`, found: zone, wanted: 'an IANA time zone such as Europe/Berlin, America/New_York or UTC' })
    }
    const on = new Set(days?.map((day) => DAYS.indexOf(day)) ?? DAYS.keys())
    const window = { days: on, from: minutesOf(from), to: minutesOf(to), zone }
    if (window.from === window.to || window.from === DAY / MINUTE) {
      throw new PremortemError('PMT_ERR_INVALID', { message: 'the window never opens', path: `${path}.${i}.to`, found: `from ${from} to ${to}`, wanted: 'another time than `from`; from 00:00 to 24:00 is the whole day' })
    }
    return window
  })
}

const MINUTE = 60_000
const DAY = 86_400_000

/** How far ahead openings are looked for, in days. */
const AHEAD = 15

/**
 * When windows are open from a day before `now` on, in order, those that touch joined. An hour that the clock shows twice
 * counts the first time; one that it leaves out is over when it would have begun.
 */
export function openingsOf (windows: readonly Window[], now: number): Opening[] {
  const openings: Opening[] = []
  for (const { days, from, to, zone } of windows) {
    const today = Math.floor(localOf(now, zone) / DAY)
    for (let day = today - 1; day < today + AHEAD; day++) {
      // The epoch was a Thursday.
      if (!days.has((day + 3) % 7)) continue
      const opens = instantOf(day * DAY + from * MINUTE, zone)
      const closes = instantOf((to <= from ? day + 1 : day) * DAY + to * MINUTE, zone)
      if (closes > opens) openings.push({ opens, closes, zone })
    }
  }
  openings.sort((a, b) => a.opens - b.opens)
  return openings.reduce<Opening[]>((joined, opening) => {
    const last = joined.at(-1)
    if (last === undefined || last.closes < opening.opens) return [...joined, { ...opening }]
    last.closes = Math.max(last.closes, opening.closes)
    return joined
  }, [])
}

/** Whether a run of `length` ms may begin now under all of these lists of windows; an empty list allows any time. */
export interface Allowed { now: boolean, closes: number | null, next: Opening | null, zone: string }

/** When a run of this length may begin: `next` is the first opening, from now on, that is long enough. */
export function allowedAt (lists: readonly (readonly Window[])[], now: number, length: number): Allowed {
  const given = lists.filter((windows) => windows.length > 0)
  const zone = given.at(-1)?.[0]?.zone ?? 'UTC'
  if (given.length === 0) return { now: true, closes: null, next: null, zone }
  const common = given.map((windows) => openingsOf(windows, now)).reduce(intersect)
  const current = common.find(({ opens, closes }) => opens <= now && now < closes)
  const next = common.find(({ opens, closes }) => closes - Math.max(opens, now) >= length)
  const fits = current !== undefined && now + length <= current.closes
  return { now: fits, closes: current?.closes ?? null, next: next ?? null, zone }
}

/** Throws PMT_ERR_WINDOW if a run of `length` ms may not begin now; says when it may. */
export function checkWindows (lists: readonly (readonly Window[])[], now: number, length: number): void {
  const allowed = allowedAt(lists, now, length)
  if (allowed.now) return
  const { closes, next, zone } = allowed
  const wanted = next === null
    ? `a window of at least ${formatDuration(length)}; there is none in the next two weeks`
    : `a start from ${timeWords(next.opens, next.zone)}; the window closes at ${timeWords(next.closes, next.zone)}`
  throw new PremortemError('PMT_ERR_WINDOW', {
    message: closes === null
      ? 'runs are not allowed at this time'
      : `the run takes ${formatDuration(length)}, and the window closes in ${formatDuration(closes - now)}`,
    found: timeWords(now, zone),
    wanted
  })
}

/** A moment as a clock in the zone shows it, and in UTC. */
export function timeWords (moment: number, zone: string): string {
  const day = DAYS[(Math.floor(localOf(moment, zone) / DAY) + 3) % 7]!
  const local = new Date(localOf(moment, zone)).toISOString()
  const there = `${day} ${local.slice(0, 10)} ${local.slice(11, 16)} ${zone}`
  return zone === 'UTC' ? there : `${there} (${new Date(moment).toISOString().slice(0, 16)}Z)`
}

function intersect (a: readonly Opening[], b: readonly Opening[]): Opening[] {
  return a.flatMap((one) => b.map((other) => ({
    opens: Math.max(one.opens, other.opens), closes: Math.min(one.closes, other.closes), zone: other.zone
  }))).filter(({ opens, closes }) => closes > opens).sort((x, y) => x.opens - y.opens)
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

function isZone (zone: string): boolean {
  try {
    formatterOf(zone)
    return true
  } catch {
    return false
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf (zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric'
    })
    formatters.set(zone, formatter)
  }
  return formatter
}

/** What a clock in the zone shows at a moment, as if it were UTC. */
function localOf (moment: number, zone: string): number {
  const parts = Object.fromEntries(formatterOf(zone).formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
  const { year, month, day, hour, minute, second } = parts as Record<string, number>
  return Date.UTC(year!, month! - 1, day, hour, minute, second)
}

/** The first moment at which a clock in the zone shows `local` (as if it were UTC), or has left it out. */
function instantOf (local: number, zone: string): number {
  const offset = (moment: number): number => localOf(moment, zone) - moment
  const candidates = [local - offset(local - DAY), local - offset(local + DAY)].sort((a, b) => a - b)
  const shown = candidates.find((moment) => localOf(moment, zone) === local)
  if (shown !== undefined) return shown
  // The clock leaps over it: the leap lies between the two.
  let [before, after] = candidates as [number, number]
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000
    if (localOf(middle, zone) >= local) after = middle
    else before = middle
  }
  return after
}
