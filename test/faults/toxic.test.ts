import { test } from 'tap'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { StreamFaultType } from '../../src/faults/fault.ts'

/** The toxics of Toxiproxy 2.12 that impair anything, with attributes, and the parameters they become. */
const TOXICS: Record<string, [attributes: Record<string, number>, params: Record<string, unknown>]> = {
  latency: [{ latency: 1000, jitter: 100 }, { latency: 1000, jitter: 100 }],
  bandwidth: [{ rate: 64 }, { rate: 64_000, scope: 'connection' }],
  slicer: [{ average_size: 100, size_variation: 100, delay: 250 }, { size: 100, variation: 100, delay: 0.25 }],
  limit_data: [{ bytes: 12 }, { bytes: 12, how: 'close' }],
  slow_close: [{ delay: 300 }, { delay: 300 }],
  timeout: [{ timeout: 400 }, { timeout: 400, bytes: 'lose' }],
  reset_peer: [{ timeout: 500 }, { after: 500, since: 'data' }]
}

const toxics = CATALOGUE.filter((type): type is StreamFaultType => type.layer === 'stream' && type.toxic !== undefined)

test('every toxic is a fault of ours, and no other', async (t) => {
  t.strictSame(toxics.map(({ toxic }) => toxic!.type), Object.keys(TOXICS))
  for (const { type, toxic } of toxics) {
    const [attributes, params] = TOXICS[toxic!.type]!
    t.strictSame(Object.keys(toxic!.attributes), Object.keys(attributes))
    const fault = decodeFault({ type, ...toxic!.toParams(attributes) })
    t.match(fault.params, params, type)
    t.strictSame(toxic!.toAttributes(fault.params), attributes, `${type} and back`)
  }
})

test('attributes of 0, or the least there may be, decode', async (t) => {
  for (const { type, toxic } of toxics) {
    const attributes = Object.fromEntries(Object.entries(toxic!.attributes).map(([name, { least = 0 }]) => [name, least]))
    const fault = decodeFault({ type, ...toxic!.toParams(attributes) })
    t.strictSame(toxic!.toAttributes(fault.params), attributes, type)
  }
})
