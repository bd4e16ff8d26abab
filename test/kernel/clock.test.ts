import { test } from 'tap'
import { createLoopLagMeter, createSystemClock } from '../../src/kernel/clock.ts'

// The one place where real time passes in a test: it is what the module is about. Nothing here depends on how late a
// loaded machine is; only being early is a fault.
const clock = createSystemClock()

/** `after` and `every` do not keep the process alive; this does, until the returned function is called. */
function keepAlive (): () => void {
  const timer = setInterval(() => {}, 1000)
  return () => clearInterval(timer)
}

test('at: never early, over 200 waits of 1 to 20 ms, some at once', async (t) => {
  let early = 0
  const waits = Array.from({ length: 200 }, (_, i) => new Promise<void>((resolve) => {
    const deadline = clock.now() + 1 + (i % 20)
    clock.at(deadline, () => {
      if (clock.now() < deadline) early++
      resolve()
    })
  }))
  await Promise.all(waits)
  t.equal(early, 0)
})

test('after and sleep: never early, and a deadline in the past comes at once', async (t) => {
  let early = 0
  const letGo = keepAlive()
  await Promise.all(Array.from({ length: 40 }, async (_, i) => {
    const ms = 1 + (i % 20) + 0.37
    const asked = clock.now()
    if (i % 2 === 0) await clock.sleep(ms)
    else await new Promise<void>((resolve) => { clock.after(ms, resolve) })
    if (clock.now() - asked < ms) early++
  }))
  letGo()
  t.equal(early, 0)
  await new Promise<void>((resolve) => { clock.at(clock.now() - 1000, resolve) })
})

test('a cancelled wait does not come', async (t) => {
  let fired = 0
  const fire = (): void => { fired++ }
  const now = clock.now()
  const cancels = [0.5, 5, 300].map((ms) => clock.at(now + ms, fire))
  cancels.push(clock.after(2, fire), clock.every(1, fire))
  for (const cancel of cancels) cancel()
  await clock.sleep(15)
  t.equal(fired, 0)
  for (const cancel of cancels) cancel()
})

test('a wait cancelled by another of the same turn does not come', async (t) => {
  const fired: string[] = []
  const deadline = clock.now() + 1
  let cancelSecond = (): void => {}
  clock.at(deadline, () => {
    fired.push('first')
    cancelSecond()
  })
  cancelSecond = clock.at(deadline, () => { fired.push('second') })
  await clock.sleep(10)
  t.strictSame(fired, ['first'])
})

test('waits longer than a timer of Node can take do not come at once', async (t) => {
  let fired = 0
  const fire = (): void => { fired++ }
  const cancels = [clock.at(clock.now() + 2 ** 40, fire), clock.at(Infinity, fire), clock.after(2 ** 40, fire)]
  const ended = new AbortController()
  const sleeping = clock.sleep(Infinity, ended.signal).catch((reason: unknown) => reason)
  await clock.sleep(15)
  t.equal(fired, 0)
  for (const cancel of cancels) cancel()
  ended.abort('enough')
  t.equal(await sleeping, 'enough')
})

test('every comes again and again', async (t) => {
  let ticks = 0
  const letGo = keepAlive()
  await new Promise<void>((resolve) => {
    const cancel = clock.every(1, () => {
      if (++ticks < 3) return
      cancel()
      resolve()
    })
  })
  letGo()
  await clock.sleep(5)
  t.equal(ticks, 3)
})

test('sleep ends with the signal\'s reason', async (t) => {
  await t.rejects(clock.sleep(10_000, AbortSignal.abort(new Error('gone'))), { message: 'gone' })
  const controller = new AbortController()
  const sleeping = clock.sleep(10_000, controller.signal)
  controller.abort(new Error('later'))
  await t.rejects(sleeping, { message: 'later' })
})

test('wall is the time of day', async (t) => {
  const { wall } = createSystemClock()
  const before = Date.now()
  const now = wall()
  t.ok(now >= before && now <= Date.now())
})

test('the lag meter gives numbers, zero when nothing was measured', async (t) => {
  const meter = createLoopLagMeter()
  t.teardown(meter.stop)
  t.strictSame(meter.read(), { p50: 0, p99: 0, max: 0 })
  await clock.sleep(30)
  const blockedUntil = clock.now() + 60
  while (clock.now() < blockedUntil);
  await clock.sleep(30)
  const lag = meter.read()
  t.ok(lag.max >= 30, 'a loop blocked for 60 ms shows')
  t.ok(lag.p50 <= lag.p99 && lag.p99 <= lag.max)
  t.strictSame(meter.read(), { p50: 0, p99: 0, max: 0 }, 'reading starts afresh')
})
