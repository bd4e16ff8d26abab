import { test } from 'tap'
import { DRAIN_DEADLINE, createLifecycle } from '../../src/kernel/lifecycle.ts'
import type { Verbs } from '../../src/kernel/lifecycle.ts'

function recorded (verbs: Verbs = {}) {
  const calls: string[] = []
  const service = createLifecycle('svc', {
    start: () => { calls.push('start'); return verbs.start?.() },
    drain: (options) => { calls.push(`drain ${options.deadline}`); return verbs.drain?.(options) },
    stop: () => { calls.push('stop'); return verbs.stop?.() }
  })
  return { calls, service }
}

/** A promise and the function that resolves it. */
function gate (): { opened: Promise<void>, open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  return { opened, open }
}

test('from idle over running to stopped', async (t) => {
  const { calls, service } = recorded()
  t.equal(service.state, 'idle')
  await service.start()
  t.equal(service.state, 'running')
  await service.drain({ deadline: 100 })
  t.equal(service.state, 'stopped')
  t.strictSame(calls, ['start', 'drain 100', 'stop'])
})

test('every verb is idempotent, and late callers join the pending one', async (t) => {
  const { opened, open } = gate()
  const { calls, service } = recorded({ start: () => opened })
  const [first, second] = [service.start(), service.start()]
  t.equal(first, second)
  t.equal(service.state, 'starting')
  open()
  await first
  t.equal(service.start(), first)
  const draining = service.drain()
  t.equal(service.state, 'draining')
  t.equal(service.drain({ deadline: 1 }), draining)
  await draining
  t.equal(service.stop(), service.stop())
  await service[Symbol.asyncDispose]()
  t.strictSame(calls, ['start', `drain ${DRAIN_DEADLINE}`, 'stop'])
})

test('a start that fails stops what it had begun, and throws its error', async (t) => {
  const { calls, service } = recorded({ start: () => { throw new Error('port in use') } })
  await t.rejects(service.start(), { message: 'port in use' })
  t.equal(service.state, 'stopped')
  t.strictSame(calls, ['start', 'stop'])
})

test('what has stopped or drains does not start again', async (t) => {
  const { service } = recorded()
  await service.stop()
  await t.rejects(service.start(), { code: 'PMT_ERR_STATE', message: 'svc is stopped and cannot start again' })
  const { opened, open } = gate()
  const other = recorded({ drain: () => opened }).service
  await other.start()
  const draining = other.drain()
  await t.rejects(other.start(), { code: 'PMT_ERR_STATE' })
  open()
  await draining
})

test('stopping or draining what never started calls nothing', async (t) => {
  const { calls, service } = recorded()
  await service.drain()
  await service.stop()
  t.equal(service.state, 'stopped')
  t.strictSame(calls, [])
})

test('a stop during the start waits for it, then stops what it opened', async (t) => {
  const { opened, open } = gate()
  const { calls, service } = recorded({ start: () => opened })
  const starting = service.start()
  const stopping = service.stop()
  t.equal(service.state, 'stopped')
  t.strictSame(calls, ['start'])
  open()
  await Promise.all([starting, stopping])
  t.strictSame(calls, ['start', 'stop'])
  t.equal(service.state, 'stopped', 'the start does not bring it back')
})

test('a stop during a start that then fails ends both', async (t) => {
  const { opened, open } = gate()
  const { calls, service } = recorded({ start: async () => { await opened; throw new Error('late') } })
  const starting = service.start()
  const stopping = service.stop()
  open()
  await t.rejects(starting, { message: 'late' })
  await stopping
  t.strictSame(calls, ['start', 'stop'])
})

test('a drain that fails still stops, and throws its error', async (t) => {
  const { calls, service } = recorded({ drain: () => { throw new Error('stuck') } })
  await service.start()
  await t.rejects(service.drain(), { message: 'stuck' })
  t.strictSame(calls, ['start', `drain ${DRAIN_DEADLINE}`, 'stop'])
})

test('a stop cuts a drain short', async (t) => {
  const { calls, service } = recorded({ drain: () => new Promise(() => {}) })
  await service.start()
  void service.drain({ deadline: 60_000 })
  await service.stop()
  t.strictSame(calls, ['start', 'drain 60000', 'stop'])
})
