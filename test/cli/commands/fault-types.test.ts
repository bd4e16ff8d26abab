import { test } from 'tap'
import { CATALOGUE } from '../../../src/faults/catalogue.ts'
import { cli } from '../harness.ts'

test('every type with its layer and what it does, within the width', async (t) => {
  const { code, out } = await cli(['fault', 'types'])
  t.equal(code, 0)
  for (const { type, layer } of CATALOGUE) t.match(out, new RegExp(`^${type} +${layer} +[A-Z]`, 'm'))
  t.ok(out.split('\n').every((line) => line.length <= 80))
})

test('one type with its parameters, example and limits', async (t) => {
  const { code, out } = await cli(['fault', 'types', 'slow-body'])
  t.equal(code, 0)
  t.match(out, /^slow-body \(http\)\n/)
  t.match(out, /^ {2}of = "response"\n {6}which body\n {6}takes one of response, request$/m)
  t.match(out, /^Example\n {2}- type: slow-body\n {4}size: 1KB\n {4}gap: 200ms$/m)
  t.match(out, /^Limits\n {2}Acts on each body alone/m)
  t.match((await cli(['fault', 'types', 'refuse'])).out, /^Parameters\n {2}none$/m)
})

test('a type that has other names is found by them, and tells them', async (t) => {
  const { code, out } = await cli(['fault', 'types', 'tls/tls-v1-1'])
  t.equal(code, 0)
  t.match(out, /^tls\/protocol-version \(tls\)\n/)
  t.match(out, /^Also called\n {2}tls\/tls-v1-0 only=TLSv1, tls\/tls-v1-1 only=TLSv1.1, /m)
  t.notMatch((await cli(['fault', 'types', 'tls/stall'])).out, 'Also called')
  t.match(JSON.parse((await cli(['fault', 'types', 'tls/wrong-host', '--json'])).out), [{ layer: 'tls', needs: 'peek', aliases: { 'tls/wrong.host': {} } }])
})

test('machines get the schemas', async (t) => {
  const { out } = await cli(['fault', 'types', 'latency', '--json'])
  t.match(JSON.parse(out), [{ type: 'latency', layer: 'stream', params: { properties: { jitter: { default: 0 } } }, doc: { limits: String } }])
})

test('an unknown type is told, with the nearest', async (t) => {
  t.match(await cli(['fault', 'types', 'latncy']), { code: 2, err: /PMT_ERR_FAULT_UNKNOWN.*did you mean `latency`/s })
})
