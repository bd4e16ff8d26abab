import fc from 'fast-check'
import { test } from 'tap'
import { PremortemError } from '../../src/kernel/errors.ts'
import { TOXIC_TYPES, checkName, decodeToxic, faultOfToxic, readToxic, toxicOf, toxicPatch } from '../../src/faults/toxics.ts'

// Each toxic with attributes, and the fault it is.
const ALL: [type: string, attributes: Record<string, number>, fault: string, params: Record<string, unknown>][] = [
  ['latency', { latency: 1000, jitter: 100 }, 'latency', { latency: 1000, jitter: 100 }],
  ['bandwidth', { rate: 64 }, 'bandwidth', { rate: 64_000 }],
  ['timeout', { timeout: 250 }, 'timeout', { timeout: 250, bytes: 'lose' }],
  ['reset_peer', { timeout: 30 }, 'reset-peer', { after: 30, since: 'data' }],
  ['slicer', { average_size: 1000, size_variation: 1000, delay: 1500 }, 'slicer', { size: 1000, variation: 1000, delay: 1.5 }],
  ['limit_data', { bytes: 100 }, 'limit-data', { bytes: 100 }],
  ['slow_close', { delay: 20 }, 'slow-close', { delay: 20 }],
  ['noop', {}, 'latency', { latency: 0 }]
]

test('all eight are there, each one of our faults, and read back as they were set', async (t) => {
  t.same([...TOXIC_TYPES].sort(), ALL.map(([type]) => type).sort())
  for (const [type, attributes, native, params] of ALL) {
    const fault = decodeToxic({ name: 'a', type, stream: 'upstream', toxicity: 0.5, attributes })
    t.match(fault, { type: { type: native }, params, id: 'a', share: 0.5, direction: 'upstream', existing: 'affect', ttl: Infinity, mode: type === 'noop' ? 'shadow' : 'inject' }, type)
    t.strictSame(toxicOf('a', fault), { attributes, name: 'a', type, stream: 'upstream', toxicity: 0.5 }, type)
  }
})

test('what nobody says', async (t) => {
  const fault = decodeToxic({ type: 'latency' })
  t.match(fault, { id: 'latency_downstream', share: 1, direction: 'downstream', params: { latency: 0, jitter: 0 } })
  t.strictSame(toxicOf('latency_downstream', fault).attributes, { latency: 0, jitter: 0 })
  t.match(decodeToxic({ type: 'timeout', name: '', stream: 'Upstream', toxicity: null, attributes: null }), { id: 'timeout_upstream', share: 1, direction: 'upstream' })
})

test('keys in any case, and unknown ones are ignored', async (t) => {
  t.match(decodeToxic({ TYPE: 'bandwidth', Attributes: { Rate: 10, more: 'x' }, color: 'red' }), { params: { rate: 10_000 } })
})

test('a name may hold anything but a slash', async (t) => {
  const name = 'redis:6379@10.0.0.1 ü%'
  t.equal(decodeToxic({ type: 'noop', name }).id, name)
  for (const wrong of ['a/b', 'x'.repeat(257)]) t.throws(() => decodeToxic({ type: 'noop', name: wrong }), { code: 'PMT_ERR_INVALID', details: { path: 'name' } })
  t.equal(checkName('a', 'name'), 'a')
})

test('stream and type are refused in the words of Toxiproxy, before anything else is looked at', async (t) => {
  t.throws(() => readToxic({ type: 'nope', stream: 'sideways', attributes: 5 }), { code: 'PMT_ERR_INVALID', message: 'stream was invalid, can be either upstream or downstream' })
  t.throws(() => readToxic({ type: 'latency', stream: '' }), { message: 'stream was invalid, can be either upstream or downstream' })
  for (const type of ['', 'down', 'Latency', 'constructor', undefined]) {
    t.throws(() => readToxic({ type, attributes: 5 }), { code: 'PMT_ERR_FAULT_UNKNOWN', message: 'invalid toxic type' })
  }
  const request = readToxic({ type: 'latency', attributes: { latency: -1 } })
  t.throws(() => faultOfToxic(request), { code: 'PMT_ERR_INVALID' })
})

test('attributes that do not fit are refused: path, found, wanted', async (t) => {
  const table: [string, string, unknown][] = [
    ['latency', 'latency', -1], ['latency', 'jitter', 0.5], ['latency', 'latency', '100'], ['latency', 'latency', true], ['latency', 'latency', {}],
    ['latency', 'latency', 1e300], ['bandwidth', 'rate', -1], ['slicer', 'average_size', 0], ['slicer', 'average_size', -5], ['slicer', 'delay', 1e16],
    ['limit_data', 'bytes', 2 ** 60], ['reset_peer', 'timeout', -1], ['slow_close', 'delay', '1s'], ['timeout', 'timeout', []]
  ]
  for (const [type, name, found] of table) {
    t.throws(() => decodeToxic({ type, attributes: { average_size: 1, [name]: found } }, 'toxics.1'), {
      code: 'PMT_ERR_INVALID', details: { path: `toxics.1.attributes.${name}`, wanted: /a (whole )?number/ }
    }, `${type} ${name} ${JSON.stringify(found)}`)
  }
  t.throws(() => decodeToxic({ type: 'slicer' }), { message: 'average_size does not fit', details: { found: 0, wanted: 'a whole number, at least 1' } })
  t.throws(() => decodeToxic({ type: 'noop', attributes: 'x' }), { code: 'PMT_ERR_INVALID', details: { path: 'attributes', wanted: 'a mapping' } })
  for (const toxicity of [-0.1, 1.1, '1', 1e9]) t.throws(() => decodeToxic({ type: 'noop', toxicity }), { code: 'PMT_ERR_INVALID', details: { path: 'toxicity', found: toxicity } })
})

test('an update merges attribute by attribute, and keeps what it does not name', async (t) => {
  const fault = decodeToxic({ type: 'latency', toxicity: 0.5, attributes: { latency: 100, jitter: 10 } })
  t.strictSame(toxicPatch(fault, { attributes: { Latency: 200, jitter: null }, name: 'other', type: 'noop', stream: 'upstream' }), { share: 0.5, latency: 200, jitter: 10 })
  t.strictSame(toxicPatch(fault, { toxicity: 0 }), { share: 0, latency: 100, jitter: 10 })
  t.strictSame(toxicPatch(fault, {}), { share: 0.5, latency: 100, jitter: 10 })
  t.strictSame(toxicPatch(decodeToxic({ type: 'noop' }), { toxicity: 0.1, attributes: { latency: 5 } }), { share: 0.1, latency: 0 })
  t.throws(() => toxicPatch(fault, { attributes: { latency: -1 } }), { code: 'PMT_ERR_INVALID', details: { path: 'attributes.latency', found: -1 } })
  t.throws(() => toxicPatch(fault, { toxicity: 2 }), { code: 'PMT_ERR_INVALID', details: { path: 'toxicity' } })
  t.throws(() => toxicPatch(fault, []), { code: 'PMT_ERR_INVALID' })
})

test('any junk is a toxic or is refused by PremortemError', async () => {
  const body = fc.record({
    type: fc.oneof(fc.constantFrom(...TOXIC_TYPES), fc.jsonValue()),
    name: fc.jsonValue(),
    stream: fc.oneof(fc.constantFrom('upstream', 'downstream'), fc.jsonValue()),
    toxicity: fc.oneof(fc.double(), fc.jsonValue()),
    attributes: fc.oneof(fc.dictionary(fc.constantFrom('latency', 'jitter', 'rate', 'average_size', 'timeout', 'bytes', 'delay'), fc.oneof(fc.integer(), fc.jsonValue())), fc.jsonValue())
  }, { requiredKeys: [] })
  fc.assert(fc.property(body, (written) => {
    try {
      const fault = decodeToxic(written)
      toxicPatch(fault, written)
      toxicOf('a', fault)
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
    }
  }), { numRuns: 2000 })
})
