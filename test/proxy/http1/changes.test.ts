import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { ActiveFault, Plan } from '../../../src/faults/plan.ts'
import { Changes, Tee } from '../../../src/proxy/http1/changes.ts'

const head = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: a\r\nX: 1\r\n\r\n')
const fields = { header: (name: string) => name === 'x' ? '1' : undefined }

const active = new ActiveFault('a', decodeFault({ type: 'hang' }), 1)

test('a tee hands over a copy of the bytes once the message is complete', async (t) => {
  const kept: string[] = []
  const tee = new Tee(6, (bytes) => { kept.push(bytes.toString()) }, () => t.fail('not too long'))
  const lent = Buffer.from('abc')
  tee.push(lent)
  lent.fill('z')
  tee.push(Buffer.from('def'))
  tee.end()
  tee.end()
  t.same(kept, ['abcdef'], 'once')
})

test('a tee that gets too much says so once, and hands over nothing', async (t) => {
  let tooLong = 0
  const tee = new Tee(2, () => t.fail('not whole'), () => { tooLong++ })
  for (const part of ['ab', 'c', 'd']) tee.push(Buffer.from(part))
  tee.end()
  t.equal(tooLong, 1)
})

test('a rewrite comes after the ones before it', async (t) => {
  const changes = new Changes()
  t.equal(changes.head(head), head, 'nothing to do: the same buffer')
  changes.rewrite({ 'X-New': '1' }, ['X'])
  changes.rewrite({ other: '2' }, ['x-new'])
  t.equal(changes.head(head).toString(), 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: a\r\nother: 2\r\n\r\n')
})

test('editors come one after the other; the message is framed by its length', async (t) => {
  const changes = new Changes()
  const unfit = (): void => { t.fail('all fit') }
  changes.editors = [
    { active, limit: 10, unfit, edit: (body) => ({ body: Buffer.from(`${body}!`), remove: ['etag'] }) },
    { active, limit: 10, unfit, edit: (body, seen) => ({ body: Buffer.from(`${body}${seen.header('etag')}${seen.header('x')}`), set: { x: '2' } }) }
  ]
  t.equal(changes.limit, 10)
  t.equal(changes.message(head, { header: (name) => name === 'etag' ? 'a' : fields.header(name) }, Buffer.from('hi'))!.toString(),
    'HTTP/1.1 200 OK\r\nx: 2\r\ncontent-length: 13\r\n\r\nhi!undefined1')
})

test('an editor that cannot is told apart from one that need not', async (t) => {
  const changes = new Changes()
  const why: string[] = []
  const unfit = (reason: string): void => { why.push(reason) }
  changes.editors = [{ active, limit: 1, unfit, edit: () => { throw new Error('it is too long') } }, { active, limit: 9, unfit, edit: () => null }]
  t.equal(changes.message(head, fields, Buffer.from('hi')), null)
  t.same(why, ['the body is too long', 'not a body it can change'])
  changes.unfit('gone')
  t.same(why.slice(2), ['gone', 'gone'])
})

test('who wants the body whole may go before it is', async (t) => {
  const changes = new Changes()
  const why: string[] = []
  const other = new ActiveFault('b', decodeFault({ type: 'hang' }), 1)
  changes.editors = [active, other].map((one) => ({ active: one, limit: 1, unfit: (reason) => { why.push(`${one.id}: ${reason}`) }, edit: () => null }))
  t.equal(changes.waits(new Plan(1, [active, other])), true)
  t.equal(changes.waits(new Plan(2, [other])), true)
  t.equal(changes.waits(new Plan(3, [])), false)
  t.same(why, ['a: it went before the body was whole', 'b: it went before the body was whole'])
})
