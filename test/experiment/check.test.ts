import { test } from 'tap'
import { checkExperiment } from '../../src/experiment/check.ts'
import { decodeExperiment } from '../../src/experiment/document.ts'
import type { TlsFaultType } from '../../src/faults/fault.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createVirtualClock } from '../helpers/clock.ts'
import { DOCUMENT, PASSIVE, createWorld } from './world.ts'

const { plane } = createWorld(createVirtualClock())
const errorsOf = async (document: object) => (await checkExperiment(decodeExperiment(document), plane)).errors
const withFault = (fault: object) => ({ ...DOCUMENT, faults: [fault] })
const at = (name: string, objectives: string[], more: object = {}) => ({ ...PASSIVE, 'steady-state': { at: name, objectives }, ...more })

test('what names proxies that are there has no errors, and finds them', async (t) => {
  const { found, errors } = await checkExperiment(decodeExperiment(DOCUMENT), plane)
  t.strictSame(errors, [])
  t.strictSame([...found.keys()].sort(), ['edge', 'payments'])
})

test('proxies that are not there are named, with the nearest of the document', async (t) => {
  t.match(await errorsOf(at('edgee', ['success >= 99%'], { faults: [{ type: 'delay', on: 'edge', delay: 1 }] })), [
    { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { path: 'steady-state.at', found: 'edgee', hint: 'did you mean `edge`?' } }
  ])
  t.match(await errorsOf(withFault({ type: 'delay', on: 'billing', delay: 1 })), [
    { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { path: 'faults.0.on', found: 'billing' } }
  ])
})

test('a fault must fit its proxy: node and layer', async (t) => {
  t.match(await errorsOf(withFault({ type: 'refuse', on: 'payments', node: 'payment-2' })), [
    { code: 'PMT_ERR_NODE_NOT_FOUND', details: { path: 'faults.0.node', wanted: 'one of payments-1, payments-2', hint: 'did you mean `payments-2`?' } }
  ])
  t.match(await errorsOf(withFault({ type: 'delay', on: 'redis', delay: 1 })), [{ code: 'PMT_ERR_FAULT_LAYER', details: { path: 'faults.0.type' } }])
  t.strictSame(await errorsOf(withFault({ type: 'latency', on: 'redis', latency: 1 })), [])
})

test('a stream fault does not go on a proxy that protects requests', async (t) => {
  const guarded = { ...plane, describe: async (name: string) => ({ name, protocol: 'http' as const, nodes: ['n'], guarded: true, rate: 1, tls: 'none' as const, handshakeRate: 0, connections: 0 }) }
  const { errors } = await checkExperiment(decodeExperiment(withFault({ type: 'refuse', on: 'payments' })), guarded)
  t.match(errors, [{ code: 'PMT_ERR_FAULT_LAYER', details: { path: 'faults.0.type', found: 'refuse', wanted: /an http fault/ } }])
  t.strictSame((await checkExperiment(decodeExperiment(DOCUMENT), guarded)).errors, [])
})

test('two faults of one id on one proxy', async (t) => {
  const twice = { type: 'delay', delay: 1, id: 'slow' }
  t.match(await errorsOf({ ...DOCUMENT, faults: [{ ...twice, on: 'payments' }, { ...twice, on: 'payments' }] }), [{ code: 'PMT_ERR_FAULT_EXISTS', details: { path: 'faults.1.id' } }])
  t.strictSame(await errorsOf({ ...DOCUMENT, faults: [{ ...twice, on: 'payments' }, { ...twice, on: 'edge' }] }), [])
})

test('a tcp proxy has no latency to judge', async (t) => {
  t.match(await errorsOf(at('redis', ['success >= 99%', 'p95 <= 1ms'])), [{ code: 'PMT_ERR_INVALID', details: { path: 'steady-state.objectives.1', found: 'p95 <= 1ms' } }])
  t.match(await errorsOf(at('redis', ['success >= 99%'], { guardrails: ['p50 <= 1s'] })), [{ details: { path: 'guardrails.0' } }])
  t.strictSame(await errorsOf(at('redis', ['success >= 99%'])), [])
  t.strictSame(await errorsOf({ ...DOCUMENT, 'steady-state': { at: 'redis', objectives: ['p95 <= 300ms'] } }), [], 'the load measures')
})

test('a load must have a URL that can be read', async (t) => {
  t.match(await errorsOf({ ...DOCUMENT, load: { url: 'http://127.0.0.1:99999/', rate: 5 } }), [{ code: 'PMT_ERR_INVALID', details: { path: 'load.url' } }])
})

test('what the data plane throws is an error of its place', async (t) => {
  const unreachable = { ...plane, describe: async () => { throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE') } }
  const { errors } = await checkExperiment(decodeExperiment(DOCUMENT), unreachable)
  t.match(errors, [{ code: 'PMT_ERR_SIDECAR_UNREACHABLE', details: { path: 'steady-state.at' } }, { details: { path: 'faults.0.on' } }])
})

test('an objective on handshakes needs a proxy that sees TLS, whoever measures the rest', async (t) => {
  const shaken = ['success >= 99%', 'handshake >= 99%']
  t.match(await errorsOf(at('edge', shaken)), [
    { code: 'PMT_ERR_INVALID', details: { path: 'steady-state.objectives.1', found: 'handshake >= 99%', wanted: /passthrough/, hint: /by the proxy at `at`/ } }
  ])
  t.match(await errorsOf(at('edge', ['success >= 99%'], { guardrails: ['handshake >= 50%'] })), [{ details: { path: 'guardrails.0' } }])
  t.match(await errorsOf({ ...DOCUMENT, 'steady-state': { at: 'edge', objectives: shaken } }), [{ details: { path: 'steady-state.objectives.1' } }])
  for (const name of ['bank', 'mail']) t.strictSame(await errorsOf(at(name, shaken)), [], name)
})

test('a tls fault needs a proxy that sees as much of TLS as it does', async (t) => {
  t.match(await errorsOf(withFault({ type: 'tls/expired', on: 'payments' })), [
    { code: 'PMT_ERR_FAULT_LAYER', message: /^tls\/expired is a tls fault and payments sees no TLS/, details: { path: 'faults.0.type', wanted: '`tls: passthrough` and `protocol: auto`, or `tls: { terminate: ca }`, in the configuration of payments' } }
  ])
  for (const on of ['bank', 'mail']) t.strictSame(await errorsOf(withFault({ type: 'tls/expired', on })), [], on)
  const experiment = decodeExperiment(withFault({ type: 'tls/expired', on: 'mail' }))
  const needing = async (needs: TlsFaultType['needs']) => {
    experiment.faults[0] = { ...experiment.faults[0]!, type: { ...experiment.faults[0]!.type as TlsFaultType, needs } }
    return (await checkExperiment(experiment, plane)).errors
  }
  t.match(await needing('terminate'), [{
    code: 'PMT_ERR_FAULT_LAYER', message: /needs the server's end of TLS, which mail lets pass/, details: { wanted: /terminate.* in the configuration of mail/ }
  }])
  t.strictSame(await needing('present'), [], 'whether it has a client certificate, the proxy itself says')
})
