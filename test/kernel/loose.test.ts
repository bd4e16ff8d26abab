import { test } from 'tap'
import { LooseMapping } from '../../src/kernel/loose.ts'

test('keys in any case, unknown ones ignored, null as if it were not there', async (t) => {
  const body = new LooseMapping({ NAME: 'a', Enabled: false, rate: 5, list: [1], listen: null, more: {} }, 'proxies.0')
  t.equal(body.text('name'), 'a')
  t.equal(body.flag('enabled'), false)
  t.equal(body.number('rate'), 5)
  t.same(body.list('list'), [1])
  t.equal(body.text('listen'), undefined)
  t.equal(body.text('upstream'), undefined)
  t.same(body.value('more'), {})
  t.equal(body.path('enabled'), 'proxies.0.Enabled')
  t.equal(body.path('upstream'), 'upstream')
  t.equal(new LooseMapping(null).text('name'), undefined)
})

test('of two keys that are one, the last counts', async (t) => {
  t.equal(new LooseMapping({ Name: 'a', name: 'b' }).text('name'), 'b')
})

test('what is of another type is refused with its path as it was written', async (t) => {
  const body = new LooseMapping({ Name: 5, enabled: 'yes', rate: '100', list: {} }, 'x')
  t.throws(() => body.text('name'), { code: 'PMT_ERR_INVALID', details: { path: 'x.Name', found: 5, wanted: 'text' } })
  t.throws(() => body.flag('enabled'), { code: 'PMT_ERR_INVALID', details: { path: 'x.enabled', found: 'yes', wanted: 'true or false' } })
  t.throws(() => body.number('rate'), { code: 'PMT_ERR_INVALID', details: { path: 'x.rate', found: '100', wanted: 'a number' } })
  t.throws(() => body.list('list'), { code: 'PMT_ERR_INVALID', details: { path: 'x.list', wanted: 'a list' } })
  for (const found of [undefined, 5, 'a', [1], true]) {
    t.throws(() => new LooseMapping(found, 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'x', found: found ?? 'nothing', wanted: 'a mapping' } })
  }
})

test('a key that every object has is not there unless it was written', async (t) => {
  t.equal(new LooseMapping({}).value('constructor'), undefined)
  t.equal(new LooseMapping(JSON.parse('{"__proto__":{"name":"x"}}')).text('name'), undefined)
})
