import { test } from 'tap'
import { Type } from 'typebox'
import { Nullable, WholeNumber, allComponents, asSent, component, isWritten, ref, written } from '../../../src/api/schemas/schema.ts'
import { decode } from '../../../src/kernel/schema.ts'

test('a named schema is known by its name, and referred to by it', async (t) => {
  const schema = component<{ a: string | null }>('OfThisTest')(Type.Object({ a: Nullable(Type.String()) }))
  t.ok(allComponents().includes(schema))
  t.match(schema, { $id: 'OfThisTest', type: 'object' })
  t.same(ref(schema), { $ref: 'OfThisTest#' })
})

test('a whole number of a query string', async (t) => {
  const schema = WholeNumber(2, 50, 'how many')
  t.equal(decode(schema, '50'), 50)
  t.equal(decode(schema, 2), 2)
  for (const found of ['1', '51', '2.5', '', '-3', 'x', '99999999999']) t.throws(() => decode(schema, found, 'query.n'), { code: 'PMT_ERR_INVALID', details: { path: 'query.n', wanted: 'a whole number from 2 to 50' } }, found)
})

test('what has a default may be left out', async (t) => {
  const schema = Type.Object({ a: Type.String({ default: 'x' }), b: Type.Object({ c: Type.Number({ default: 1 }) }), d: Type.Optional(Type.Null()) })
  t.same(asSent(schema), {
    type: 'object',
    required: ['b'],
    properties: { a: { type: 'string', default: 'x' }, b: { type: 'object', properties: { c: { type: 'number', default: 1 } } }, d: { type: 'null' } }
  })
  t.same(schema.required, ['a', 'b'], 'the schema itself is left alone')
})

test('a document is known as one', async (t) => {
  const schema = Type.Object({})
  t.notOk(isWritten(schema))
  t.ok(isWritten(written(schema)))
  t.ok(isWritten(schema))
})
