import { test } from 'tap'
import { CATALOGUE, faultTypes } from '../../src/faults/catalogue.ts'
import { ENVELOPE_KEYS, decodeFault } from '../../src/faults/envelope.ts'

test('every type has a name of its own', async (t) => {
  t.equal(faultTypes.size, CATALOGUE.length)
  for (const type of CATALOGUE) {
    t.equal(faultTypes.get(type.type), type)
    t.match(type.type, /^[a-z][a-z-]*$/)
  }
})

test('no parameter takes the name of an envelope\'s field', async (t) => {
  for (const type of CATALOGUE) {
    t.strictSame(Object.keys(type.params.properties).filter((key) => ENVELOPE_KEYS.includes(key)), [], type.type)
  }
})

test('every type and parameter is documented, and its example decodes', async (t) => {
  for (const { type, params, doc } of CATALOGUE) {
    t.ok(doc.summary.endsWith('.') && doc.limits.endsWith('.') && doc.seen.curl && doc.seen.node, type)
    for (const [key, schema] of Object.entries(params.properties)) t.ok((schema as { description?: string }).description, `${type} ${key}`)
    const fault = decodeFault(doc.example)
    t.equal(fault.type.type, type)
  }
})
