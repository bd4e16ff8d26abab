import { test } from 'tap'
import { decode } from '../../src/kernel/schema.ts'
import { WindowsSchema, allowedAt, checkWindows, decodeWindows, openingsOf, timeWords } from '../../src/experiment/windows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const windows = (...written: object[]) => decodeWindows(decode(WindowsSchema, written, 'windows'))
const at = (text: string): number => Date.parse(text)
const utc = (moment: number): string => new Date(moment).toISOString().slice(0, 16)

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri']
const OFFICE = windows({ days: WEEKDAYS, from: '10:00', to: '16:00', zone: 'Europe/Berlin' })

/** What opens from a moment on, in UTC. */
const opens = (list: ReturnType<typeof windows>, from: string): string[] =>
  openingsOf(list, at(from)).filter(({ closes }) => closes > at(from)).map(({ opens, closes }) => `${utc(opens)} ${utc(closes)}`)

test('office hours: open in between, closed at the end, and on the weekend until Monday', async (t) => {
  const may = (time: string, length = MINUTE) => allowedAt([OFFICE], at(time), length)
  // 2026-11-27 is a Friday; Berlin is one hour ahead of UTC.
  t.equal(may('2026-11-27T08:59:59Z').now, false)
  t.equal(may('2026-11-27T09:00:00Z').now, true)
  t.equal(may('2026-11-27T14:59:00Z').now, true, 'to the last second')
  t.equal(may('2026-11-27T14:59:01Z').now, false)
  t.equal(may('2026-11-27T15:00:00Z', 0).now, false, 'closed when it closes')
  t.match(may('2026-11-27T15:00:00Z'), { closes: null, next: { opens: at('2026-11-30T09:00Z'), closes: at('2026-11-30T15:00Z'), zone: 'Europe/Berlin' } })
  t.match(may('2026-11-29T12:00:00Z').next, { opens: at('2026-11-30T09:00Z') })
})

test('without windows any time is allowed', async (t) => {
  t.match(allowedAt([], at('2026-11-29T03:00Z'), HOUR), { now: true })
  t.match(allowedAt([[], []], at('2026-11-29T03:00Z'), HOUR), { now: true })
})

test('a run must end before the window closes', async (t) => {
  t.doesNotThrow(() => checkWindows([OFFICE], at('2026-11-27T14:00Z'), HOUR))
  t.throws(() => checkWindows([OFFICE], at('2026-11-27T14:30Z'), HOUR), {
    code: 'PMT_ERR_WINDOW',
    exit: 4,
    message: 'the run takes 60m, and the window closes in 30m',
    details: { found: 'fri 2026-11-27 15:30 Europe/Berlin (2026-11-27T14:30Z)', wanted: 'a start from mon 2026-11-30 10:00 Europe/Berlin (2026-11-30T09:00Z); the window closes at mon 2026-11-30 16:00 Europe/Berlin (2026-11-30T15:00Z)' }
  })
  t.throws(() => checkWindows([OFFICE], at('2026-11-28T14:30Z'), HOUR), { message: 'runs are not allowed at this time' })
  t.throws(() => checkWindows([OFFICE], at('2026-11-27T10:00Z'), 7 * HOUR), { code: 'PMT_ERR_WINDOW', details: { wanted: 'a window of at least 420m; there is none in the next two weeks' } })
})

test('summer time in Berlin: the same hours by the clock there', async (t) => {
  // The clock goes forward on Sunday 2026-03-29 and back on Sunday 2026-10-25.
  t.strictSame(opens(OFFICE, '2026-03-27T00:00Z').slice(0, 2), ['2026-03-27T09:00 2026-03-27T15:00', '2026-03-30T08:00 2026-03-30T14:00'])
  t.strictSame(opens(OFFICE, '2026-10-23T00:00Z').slice(0, 2), ['2026-10-23T08:00 2026-10-23T14:00', '2026-10-26T09:00 2026-10-26T15:00'])
})

test('summer time in New York', async (t) => {
  const list = windows({ days: WEEKDAYS, from: '09:30', to: '17:00', zone: 'America/New_York' })
  t.strictSame(opens(list, '2026-03-06T00:00Z').slice(0, 2), ['2026-03-06T14:30 2026-03-06T22:00', '2026-03-09T13:30 2026-03-09T21:00'])
  t.strictSame(opens(list, '2026-10-30T00:00Z').slice(0, 2), ['2026-10-30T13:30 2026-10-30T21:00', '2026-11-02T14:30 2026-11-02T22:00'])
})

test('overnight: belongs to the day it begins on, and is an hour shorter or longer when the clock is changed', async (t) => {
  const nights = windows({ days: ['sat'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' })
  t.strictSame(opens(nights, '2026-03-28T00:00Z')[0], '2026-03-28T21:00 2026-03-29T04:00', 'seven hours')
  t.strictSame(opens(nights, '2026-10-24T00:00Z')[0], '2026-10-24T20:00 2026-10-25T05:00', 'nine hours')
  t.equal(allowedAt([nights], at('2026-10-25T04:30Z'), MINUTE).now, true, 'on Sunday morning it is still Saturday\'s')
  t.equal(allowedAt([nights], at('2026-10-24T04:30Z'), MINUTE).now, false, 'on Saturday morning it is not')
  t.strictSame(opens(windows({ from: '22:00', to: '00:00', zone: 'UTC' }), '2026-11-28T00:00Z')[0], '2026-11-28T22:00 2026-11-29T00:00')
})

test('times that the clock leaves out, or shows twice', async (t) => {
  const early = windows({ from: '02:15', to: '02:45', zone: 'Europe/Berlin' })
  t.strictSame(opens(early, '2026-03-28T12:00Z')[0], '2026-03-30T00:15 2026-03-30T00:45', 'on the 29th there is no such time')
  t.strictSame(opens(early, '2026-10-24T12:00Z')[0], '2026-10-25T00:15 2026-10-25T00:45', 'the first of the two')
  const into = windows({ from: '02:30', to: '04:00', zone: 'Europe/Berlin' })
  t.strictSame(opens(into, '2026-03-28T12:00Z')[0], '2026-03-29T01:00 2026-03-29T02:00', 'from three o\'clock, for it never is half past two')
  // Samoa had no 30 December 2011.
  const samoa = windows({ days: ['fri', 'sat'], from: '10:00', to: '11:00', zone: 'Pacific/Apia' })
  t.strictSame(opens(samoa, '2011-12-29T21:30Z')[0], '2011-12-30T20:00 2011-12-30T21:00', 'Saturday follows Thursday')
})

test('windows that touch are one; those of the configuration and of the document must both be open', async (t) => {
  const day = windows({ from: '08:00', to: '12:00', zone: 'UTC' }, { from: '12:00', to: '20:00', zone: 'UTC' })
  t.equal(allowedAt([day], at('2026-11-27T11:30Z'), HOUR).now, true)
  t.equal(allowedAt([windows({ from: '00:00', to: '24:00', zone: 'UTC' })], at('2026-11-27T23:30Z'), 24 * HOUR).now, true, 'every day, all day')
  const narrower = windows({ days: ['wed'], from: '18:00', to: '22:00', zone: 'UTC' })
  t.equal(allowedAt([day, narrower], at('2026-11-25T19:00Z'), HOUR).now, true)
  t.equal(allowedAt([day, narrower], at('2026-11-25T19:30Z'), HOUR).now, false, 'the wider one closes first')
  t.match(allowedAt([day, narrower], at('2026-11-25T21:00Z'), HOUR), { closes: null, next: { opens: at('2026-12-02T18:00Z'), closes: at('2026-12-02T20:00Z') } })
})

test('what is no window is refused, with its path', async (t) => {
  const refused = (written: object, path: string): void => {
    t.throws(() => windows(written), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(written))
  }
  const fine = { from: '10:00', to: '16:00', zone: 'Europe/Berlin' }
  refused({ ...fine, zone: 'Europe/Berlim' }, 'windows.0.zone')
  refused({ ...fine, zone: '' }, 'windows.0.zone')
  refused({ from: '10:00', to: '16:00' }, 'windows.0.zone')
  refused({ ...fine, from: '24:00' }, 'windows.0.to')
  refused({ ...fine, from: '9:00' }, 'windows.0.from')
  refused({ ...fine, to: '16:60' }, 'windows.0.to')
  refused({ ...fine, to: '10:00' }, 'windows.0.to')
  refused({ ...fine, days: ['monday'] }, 'windows.0.days.0')
  refused({ ...fine, days: [] }, 'windows.0.days')
  refused({ ...fine, day: 'mon' }, 'windows.0.day')
  t.throws(() => decode(WindowsSchema, [], 'windows'), { code: 'PMT_ERR_INVALID' })
})

test('a moment in words', async (t) => {
  t.equal(timeWords(at('2026-11-29T23:05Z'), 'Asia/Kolkata'), 'mon 2026-11-30 04:35 Asia/Kolkata (2026-11-29T23:05Z)')
  t.equal(timeWords(at('2026-11-29T23:05Z'), 'UTC'), 'sun 2026-11-29 23:05 UTC')
})
