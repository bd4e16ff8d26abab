import { test } from 'tap'
import { CATALOGUE, aliases, faultTypes, typeOf } from '../../src/faults/catalogue.ts'
import { ENVELOPE_KEYS, decodeFault } from '../../src/faults/envelope.ts'

test('every type has a name of its own', async (t) => {
  t.equal(faultTypes.size, CATALOGUE.length)
  for (const type of CATALOGUE) {
    t.equal(faultTypes.get(type.type), type)
    t.match(type.type, type.layer === 'tls' ? /^tls\/[a-z][a-z-]*$/ : /^[a-z][a-z-]*$/)
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

test('every other name is nobody else\'s, and stands for a fault that decodes', async (t) => {
  t.ok(aliases.size > 15)
  const all = CATALOGUE.flatMap((type) => type.layer === 'tls' ? Object.keys(type.aliases ?? {}) : [])
  t.equal(aliases.size, all.length, 'no name twice')
  for (const [name, { type, ...params }] of aliases) {
    t.match(name, /^tls\/[a-z0-9.-]+$/)
    t.notOk(faultTypes.has(name), name)
    t.equal(typeOf(name), faultTypes.get(type))
    const fault = decodeFault({ type: name })
    t.equal(fault.type.type, type)
    t.match(fault.params, params)
  }
  t.equal(typeOf('delay'), faultTypes.get('delay'))
  t.equal(typeOf('nope'), undefined)
})

test('anchors of their sections differ', async (t) => {
  t.equal(new Set(CATALOGUE.map(({ type }) => type.replaceAll('/', ''))).size, CATALOGUE.length)
})
