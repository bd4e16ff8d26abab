import { test } from 'tap'
import { Control, pause, unlessEnded, within } from '../../src/experiment/control.ts'
import { createVirtualClock } from '../helpers/clock.ts'

test('endings are all kept, the weightiest first', async (t) => {
  const control = new Control()
  t.notOk(control.ended)
  t.notOk(control.signal.aborted)
  control.end('not-recovered', 'a')
  control.end('interrupted', 'b')
  control.end('failed', 'c')
  control.end('interrupted', 'd')
  t.ok(control.ended)
  t.ok(control.signal.aborted)
  t.strictSame(control.endings.map(({ reason }) => reason), ['c', 'b', 'd', 'a'])
})

test('a pause lasts until its time, or until the run is to end', async (t) => {
  const clock = createVirtualClock()
  const control = new Control()
  const ends: number[] = []
  void pause(clock, 100, control).then(() => ends.push(clock.now()))
  void pause(clock, 1000, control).then(() => ends.push(clock.now()))
  await clock.advance(300)
  control.end('aborted', 'enough')
  await clock.advance(0)
  t.strictSame(ends, [100, 300])
  await pause(clock, 1000, control)
  t.equal(clock.now(), 300, 'and then not at all')
  t.equal(clock.pending(), 0)
})

test('waiting for an answer stops when the run is to end, and its later failure harms nobody', async (t) => {
  const control = new Control()
  t.equal(await unlessEnded(Promise.resolve(7), control), 7)
  await t.rejects(unlessEnded(Promise.reject(new Error('no')), control), { message: 'no' })
  let fail = (_: Error): void => {}
  const waiting = unlessEnded(new Promise((_resolve, reject) => { fail = reject }), control)
  control.end('interrupted', 'SIGINT')
  t.equal(await waiting, null)
  fail(new Error('late'))
  t.equal(await unlessEnded(new Promise(() => {}), control), null)
})

test('an answer must come in time', async (t) => {
  const clock = createVirtualClock()
  t.equal(await within(clock, 100, Promise.resolve(7)), 7)
  t.equal(clock.pending(), 0, 'its timer is gone')
  const late = t.rejects(within(clock, 2500, new Promise(() => {})), { code: 'PMT_ERR_SIDECAR_UNREACHABLE', message: 'the data plane did not answer within 2.5 s' })
  await clock.advance(2500)
  await late
})
