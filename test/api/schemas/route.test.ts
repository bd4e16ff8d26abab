import { test } from 'tap'
import { Nothing, OptionalBody, Params, about, answerOf } from '../../../src/api/schemas/route.ts'
import { Type } from 'typebox'
import { decode } from '../../../src/kernel/schema.ts'

test('what documentation says of a route', async (t) => {
  t.same(about('listThings', 'proxies', 'Lists things'), { operationId: 'listThings', tags: ['proxies'], summary: 'Lists things' })
  t.match(about('a', 'control', 'b', 'c'), { description: 'c' })
  t.same(answerOf('samples', 'text/plain'), { description: 'samples', content: { 'text/plain': { schema: { type: 'string' } } } })
  t.match(Nothing, { type: 'null' })
})

test('path parameters are texts that are there', async (t) => {
  t.same(decode(Params('proxy', 'fault'), { proxy: 'a', fault: '1' }), { proxy: 'a', fault: '1' })
  t.throws(() => decode(Params('proxy'), { proxy: '' }, 'params'), { code: 'PMT_ERR_INVALID', details: { path: 'params.proxy' } })
})

test('a body that may be left out has a default', async (t) => {
  const schema = OptionalBody({ reason: Type.Optional(Type.String()) })
  t.match(schema, { default: {} })
  t.same(decode(schema, undefined), {})
})
