import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { ActiveFault, emptyCounters } from '../../../src/faults/plan.ts'
import { Body } from '../../../src/proxy/http1/body.ts'
import { Changes, Tee } from '../../../src/proxy/http1/changes.ts'
import type { Editor } from '../../../src/proxy/http1/changes.ts'
import { Flow } from '../../../src/proxy/http1/flow.ts'
import type { Pipe } from '../../../src/proxy/pipe.ts'
import { Stage } from '../../../src/proxy/stage.ts'

const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const CHUNKED = '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n'

const active = new ActiveFault('a', decodeFault({ type: 'hang' }), 1)

/** A pipe that writes down what it is given; data in brackets, if a stage is to see it. */
function setUp (text: string) {
  const flow = new Flow()
  flow.pending.push(Buffer.from(text), 0)
  let out = ''
  const pipe = { write: (bytes: Buffer, own?: readonly Stage[]) => { out += own === undefined ? bytes.toString() : `[${bytes}]` } } as unknown as Pipe
  return { flow, pipe, out: () => out }
}

const withStage = (): Changes => {
  const changes = new Changes()
  changes.stages.push(new Stage({}, { counters: emptyCounters(), beganAt: 0 }, 'downstream', 0))
  return changes
}

test('without changes a message goes on as it came, the next one stays', async (t) => {
  const { flow, pipe, out } = setUp(`${HEAD}${CHUNKED}next`)
  flow.begin(new Body('chunked'), null)
  flow.pass(pipe, HEAD.length)
  t.equal(out(), HEAD + CHUNKED)
  t.equal(flow.pending.take().toString(), 'next')
  t.equal(flow.body.done, true)
})

test('a stage sees the data, and never what frames it', async (t) => {
  const { flow, pipe, out } = setUp(HEAD + CHUNKED)
  flow.begin(new Body('chunked'), withStage())
  flow.pass(pipe, HEAD.length)
  t.equal(out(), `${HEAD}3\r\n[abc]\r\n2;x=y\r\n[de]\r\n0\r\n\r\n`)
})

test('the same with a length, and until the end', async (t) => {
  for (const body of [new Body('length', 5), new Body('until-close')]) {
    const { flow, pipe, out } = setUp('hhabcde')
    flow.begin(body, withStage())
    flow.pass(pipe, 2)
    t.equal(out(), 'hh[abcde]')
  }
})

test('a tee gets the whole message, also what goes nowhere', async (t) => {
  const { flow } = setUp(HEAD + CHUNKED)
  const changes = new Changes()
  const kept: string[] = []
  changes.tees.push(new Tee(1000, (bytes) => { kept.push(bytes.toString()) }, () => {}))
  flow.begin(new Body('chunked'), changes)
  flow.pass(null, HEAD.length)
  t.same(kept, [HEAD + CHUNKED])
})

test('a body is collected as it comes, and edited in its place', async (t) => {
  const { flow } = setUp(HEAD + CHUNKED.slice(0, 5))
  const changes = new Changes()
  const edit: Editor['edit'] = (body) => ({ body: Buffer.from(body.toString().toUpperCase()) })
  changes.editors = [{ active, limit: 5, unfit: () => {}, edit }]
  flow.collect(new Body('chunked'), HEAD.length)
  t.equal(flow.collected(5), 'more')
  flow.pending.push(Buffer.from(`${CHUNKED.slice(5)}next`), 0)
  t.equal(flow.collected(5), 'whole')
  flow.edit(changes, HEAD.length, { header: () => undefined })
  t.equal(flow.pending.take().toString(), 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nABCDEnext')
})

test('a body too long or broken is not to be had, and stays', async (t) => {
  const long = setUp(HEAD + CHUNKED).flow
  long.collect(new Body('chunked'), HEAD.length)
  t.equal(long.collected(4), 'not to be had')
  t.equal(long.pending.length, HEAD.length + CHUNKED.length)
  const framing = setUp(`${HEAD}${`1;${'x'.repeat(10_000)}\r\na\r\n`.repeat(20)}`).flow
  framing.collect(new Body('chunked'), HEAD.length)
  t.equal(framing.collected(100), 'not to be had', 'little data, much around it')
  const broken = setUp(`${HEAD}zz`).flow
  broken.collect(new Body('chunked'), HEAD.length)
  t.equal(broken.collected(4), 'not to be had')
})

test('what no editor could change keeps its body; its head may change all the same', async (t) => {
  const { flow } = setUp(HEAD + CHUNKED)
  const changes = new Changes()
  changes.editors = [{ active, limit: 9, unfit: () => {}, edit: () => null }]
  changes.rewrite({ x: '1' }, [])
  flow.collect(new Body('chunked'), HEAD.length)
  flow.collected(9)
  flow.edit(changes, HEAD.length, { header: () => undefined })
  t.equal(flow.pending.take().toString(), `${HEAD.slice(0, -2)}x: 1\r\n\r\n${CHUNKED}`)
})
