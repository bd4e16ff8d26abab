import { test } from 'tap'
import { decodeExperiment } from '../../../src/experiment/document.ts'
import type { Experiment } from '../../../src/experiment/document.ts'

const decode = (limit: object, fault: object = {}, more: object = {}): Experiment => decodeExperiment({
  title: 'How slow may payments be?',
  'steady-state': { at: 'edge', objectives: ['p95 <= 300ms'] },
  phases: { baseline: '10s', fault: '3m', recovery: '5s' },
  faults: [{ type: 'delay', on: 'payments', ...fault }],
  limit: { parameter: 'delay', from: 0, to: '2s', ...limit },
  ...more
})

test('what is searched, with its defaults; the fault begins where the search does', async (t) => {
  const { limit, faults, design } = decode({})
  t.strictSame(limit, {
    fault: 0, parameter: 'delay', unit: 'duration', from: 0, to: 2000, resolution: { share: 0.05 }, first: undefined, whole: false, atLeast: undefined, stepTime: 30_000, settle: 2000
  })
  t.match(faults[0], { params: { delay: 0 }, spec: { delay: 0 } })
  t.equal(design, 'before-after')
})

test('everything said', async (t) => {
  t.match(decode({ resolution: '20ms', 'at-least': '300ms', 'step-time': '10s', settle: '1s' }).limit, {
    resolution: { amount: 20 }, atLeast: 300, first: 300, stepTime: 10_000, settle: 1000
  })
  t.match(decode({ parameter: 'share', from: 0, to: '100%', resolution: 0.01 }, { delay: '1s', by: 'header:x-user-id' }), {
    limit: { unit: 'share', to: 1, resolution: { amount: 0.01 } }, design: 'before-after'
  })
  t.match(decode({ parameter: 'rate', from: '1MB/s', to: '1KB/s', 'at-least': '64KB/s' }, { type: 'bandwidth' }).limit, { unit: 'rate', from: 1e6, to: 1000, atLeast: 64_000 })
  t.match(decode({ fault: 1 }, { type: 'hang' }, { faults: [{ type: 'hang', on: 'redis' }, { type: 'delay', on: 'payments' }] }).limit, { fault: 1 })
  t.equal(decodeExperiment({ ...decode({}).document, limit: undefined, faults: [{ type: 'delay', on: 'a', delay: 5 }] }).limit, null)
})

test('what cannot be searched is refused where it stands', async (t) => {
  const refused: [path: string, limit: object, fault?: object, more?: object][] = [
    ['limit.parameter', { parameter: 'dely' }],
    ['limit.parameter', { parameter: 'seed', from: 1 }],
    ['limit.from', { from: -1 }],
    ['limit.to', { to: 'far' }],
    ['limit.to', { to: 0 }],
    ['limit.at-least', { 'at-least': '3s' }],
    ['limit.at-least', { 'at-least': 0 }],
    ['limit.resolution', { resolution: '100%' }],
    ['limit.resolution', { resolution: '200%' }],
    ['limit.resolution', { resolution: 'fine' }],
    ['limit.resolution', { resolution: 0 }],
    ['limit.step-time', { 'step-time': '2s' }],
    ['phases.fault', { 'step-time': '10m' }],
    ['limit.fault', { fault: 3 }],
    ['limit.fault', {}, {}, { faults: [{ type: 'delay', on: 'a' }, { type: 'hang', on: 'b' }] }],
    ['faults.0.delay', {}, { delay: '5ms' }],
    ['compare', {}, {}, { compare: 'switchback' }],
    ['limit.until', { until: 5 }]
  ]
  for (const [path, ...written] of refused) t.throws(() => decode(...written), { code: 'PMT_ERR_INVALID', details: { path } }, `${path} ${JSON.stringify(written)}`)
  t.throws(() => decode({ parameter: 'dely' }), { code: 'PMT_ERR_INVALID', details: { wanted: /^one of delay, jitter, .*share$/ } })
  t.throws(() => decode({}, { type: 'dely' }), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { path: 'faults.0.type' } })
})
