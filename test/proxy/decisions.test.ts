import { test } from 'tap'
import { Decisions, KEPT } from '../../src/proxy/decisions.ts'

const found = { at: 0, connection: 1, exchange: 1, method: 'GET', path: '/', revision: 1, met: [] }

test('records are numbered and kept in order', async (t) => {
  const decisions = new Decisions()
  t.same(decisions.list(), [])
  t.equal(decisions.record({ ...found, path: '/a' }).id, 1)
  t.equal(decisions.record({ ...found, path: '/b' }).id, 2)
  t.match(decisions.list(), [{ id: 1, path: '/a' }, { id: 2, path: '/b' }])
  t.ok(decisions.complete)
})

test('a record may still change: its entries are settled later', async (t) => {
  const decisions = new Decisions()
  const record = decisions.record({ ...found, met: [{ fault: 'a', decision: { n: 0, verdict: 'pending', detail: '' } }] })
  record.met[0] = { fault: 'a', decision: { n: 1, verdict: 'hit', detail: '' } }
  t.match(decisions.list(), [{ met: [{ decision: { n: 1, verdict: 'hit' } }] }])
})

test('the oldest are forgotten, and that is known', async (t) => {
  const decisions = new Decisions()
  const ids = (): number[] => decisions.list().map(({ id }) => id)
  for (let i = 0; i < KEPT; i++) decisions.record(found)
  t.ok(decisions.complete)
  t.same([ids().length, ids()[0], ids().at(-1)], [KEPT, 1, KEPT])
  for (const more of [1, 2, KEPT - 2, 1, KEPT * 2 + 7]) {
    for (let i = 0; i < more; i++) decisions.record(found)
    const seen = ids()
    t.equal(seen.length, KEPT)
    t.ok(seen.every((id, i) => i === 0 || id === seen[i - 1]! + 1), 'in order')
    t.notOk(decisions.complete)
  }
  t.equal(ids().at(-1), KEPT * 4 + 9)
})
