import fc from 'fast-check'
import { test } from 'tap'
import type { TSchema } from 'typebox'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { Fault } from '../../src/faults/envelope.ts'
import type { FaultType } from '../../src/faults/fault.ts'
import { PremortemError } from '../../src/kernel/errors.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { handshake } from '../helpers/handshakes.ts'
import { requestHead, responseHead } from '../helpers/heads.ts'
import { checkHttpAction, checkStreamBehaviour, checkTlsAction } from '../helpers/well-formed.ts'

const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)

/** What nobody should write, and what is at the edge of what one may. */
const VALUES: readonly unknown[] = [
  null, true, false, -1, -0, 0, 1, 2, 0.5, 100, 302, 503, 1e9, 2 ** 53, 1e300,
  Number.MAX_VALUE, Number.MIN_VALUE, NaN, Infinity, -Infinity,
  '', ' ', '0', '1', '-5ms', '5 ms', '0.001us', '1000000000ms', '10000000d', `${'9'.repeat(400)}s`, '1e300', '20%', '100%', '101%', '0%', '64KB', '64KB/s',
  '999999999GB', '0B', 'close', 'reset', 'stall', 'request', 'chunk', 'after', 'burst', 'ramp', 'pareto', 'lognormal', 'client', 'header:x', 'proxy', 'lose', 'data',
  'p50=20ms,p99=1s', 'p50=2s,p99=1s', 'p50', 'a\r\nb', '\0', '\ud800', '__proto__', 'constructor', 'x'.repeat(1_000_000),
  [], [1], ['1s', '2s'], [-1], [null], ['x'], ['a\r\nb'], ['connection'], [[1]], Array(10_000).fill(5), Array(100_000).fill(1), Array(5).fill(1e300),
  {}, { x: '1' }, { x: 1 }, { p50: 1 }, { p50: -1 }, { 'content-length': '1' }, JSON.parse('{"__proto__":{"x":"1"}}'), JSON.parse('{"__proto__":"x"}'),
  { constructor: 'x' }, { toString: 'x' }, nested(50), nested(2000), Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${i}`, String(i)]))
]

const isRequired = (type: FaultType, param: string): boolean => {
  const { '~optional': optional, default: value } = type.params.properties[param] as TSchema & { '~optional'?: true, default?: unknown }
  return optional === undefined && value === undefined
}

/** The fault, if it decodes; else undefined, once it was refused as it should be. */
function decoded (written: Record<string, unknown>): Fault | undefined {
  try {
    return decodeFault(written)
  } catch (error) {
    if (!(error instanceof PremortemError)) throw error
    const { path, found, wanted } = error.toJSON()
    if (error.status !== 400 || !path || found === undefined || !wanted) throw new Error(`refused without saying how: ${JSON.stringify(error)}`)
    return undefined
  }
}

const REQUESTS = [
  requestHead(), requestHead({ method: 'POST', headers: { 'content-length': '10' } }), requestHead({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } }),
  requestHead({ method: 'HEAD' }), requestHead({ method: 'OPTIONS', target: '*' }), requestHead({ method: 'POST', headers: { 'content-length': '99999999999' } })
]

const RESPONSES = [
  responseHead(), responseHead(200, { 'content-length': '10' }), responseHead(200, { 'content-length': '0' }), responseHead(204), responseHead(206, { 'content-length': '9' }),
  responseHead(503, { 'transfer-encoding': 'chunked' }), responseHead(200, { 'content-length': '99999999999', 'content-encoding': 'gzip' })
]

const HANDSHAKES = [
  handshake(), handshake({}, { terminated: false }), handshake({ sni: undefined, alpn: [], versions: [], resumes: true }), handshake({ versions: ['TLSv1'] })
]

/** Begins a fault and asks it everything there is. */
function play ({ type, params }: Fault): void {
  if (type.layer === 'stream') return checkStreamBehaviour(type.begin(params as never, createRandom(1)))
  const random = createRandom(1)
  if (type.layer === 'tls') {
    const behaviour = type.begin(params as never)
    for (const shaken of HANDSHAKES) checkTlsAction(behaviour.handshake(shaken, { random, elapsed: 1e15 }))
    return
  }
  const behaviour = type.begin(params as never)
  for (const elapsed of [0, 1.5, 86_400_000, 1e15]) {
    for (const request of REQUESTS) checkHttpAction(behaviour.request?.(request, { random, elapsed, request }) ?? { do: 'pass' })
    for (const response of RESPONSES) {
      for (const request of REQUESTS) checkHttpAction(behaviour.response?.(response, { random, elapsed, request }) ?? { do: 'pass' })
    }
  }
}

for (const type of CATALOGUE) {
  const params = Object.keys(type.params.properties)

  test(`${type.type}: the example, and any one parameter absurd`, async (t) => {
    play(decodeFault(type.doc.example))
    let refused = 0
    for (const param of params) {
      for (const value of VALUES) {
        const fault = decoded({ ...type.doc.example, [param]: value })
        if (fault === undefined) refused++
        else play(fault)
      }
      const { [param]: _, ...without } = type.doc.example
      const fault = decoded(without)
      if (isRequired(type, param)) t.equal(fault, undefined, `${param} is required`)
      else if (fault !== undefined) play(fault)
    }
    t.ok(params.length === 0 || refused >= params.length, `${refused} refused`)
  })
}

test('any parameters absurd at once', async (t) => {
  const faults = fc.constantFrom(...CATALOGUE).chain((type) => {
    const params = Object.keys(type.params.properties)
    const values = fc.oneof(fc.constantFrom(...VALUES), fc.double(), fc.string({ unit: 'binary' }), fc.jsonValue())
    const changes = params.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...params), values, { maxKeys: 6 })
    const base = fc.constantFrom({ type: type.type }, type.doc.example)
    return fc.tuple(base, changes).map(([least, change]) => ({ ...least, ...change }))
  })
  let played = 0
  fc.assert(fc.property(faults, (written) => {
    const fault = decoded(written)
    if (fault === undefined) return
    play(fault)
    played++
  }), { numRuns: 3000 })
  t.ok(played > 100, `${played} of 3000 decode`)
})
