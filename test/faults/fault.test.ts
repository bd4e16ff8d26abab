import { test } from 'tap'
import { PASS, defineHttpFault, defineStreamFault } from '../../src/faults/fault.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Duration, Strict } from '../../src/kernel/schema.ts'

const doc = { summary: 'Waits.', example: { type: 'wait' }, seen: { curl: 'nothing', node: 'nothing' }, limits: 'None.' }

test('a definition says its layer; what it says itself stays', async (t) => {
  const stream = defineStreamFault({
    type: 'wait', direction: 'both', params: Strict({ wait: Duration() }), doc, begin: (params) => ({ chunk: () => ({ do: 'delay', ms: params.wait }) })
  })
  t.match(stream, { layer: 'stream', type: 'wait', direction: 'both' })
  t.strictSame(stream.begin({ wait: 5 }, createRandom(1)).chunk?.(new Uint8Array(1), 0), { do: 'delay', ms: 5 })
  const http = defineHttpFault({ type: 'wait', params: Strict({}), doc, begin: () => ({}) })
  t.match(http, { layer: 'http', type: 'wait' })
})

test('passing is one shared action', async (t) => {
  t.strictSame(PASS, { do: 'pass' })
})
