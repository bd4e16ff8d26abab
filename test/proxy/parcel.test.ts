import { test } from 'tap'
import { emptyCounters } from '../../src/faults/plan.ts'
import { Parcel } from '../../src/proxy/parcel.ts'
import { Stage } from '../../src/proxy/stage.ts'

const stage = (): Stage => new Stage({}, { counters: emptyCounters(), beganAt: 0 }, 'downstream', 1000)
const parcel = (length: number): Parcel => new Parcel(Buffer.alloc(length, 'x'), 1000)

test('without wishes it leaves at once, whole', async (t) => {
  const found = parcel(5)
  t.match([found.held, found.slow, found.due, found.next, found.leavesAt(9999)], [false, false, 1000, 5, 1000])
  t.match(found.take(5), { endsPiece: false })
  t.equal(found.chunk.length, 0)
})

test('delays add up; a hold keeps it; what a stage wished goes with the stage', async (t) => {
  const found = parcel(5)
  const [a, b, c] = [stage(), stage(), stage()]
  found.wish(a, { do: 'delay', ms: 100 })
  found.wish(b, { do: 'delay', ms: 30 })
  t.same([found.due, found.slow], [1130, false])
  found.wish(c, { do: 'hold', ms: Infinity })
  t.same([found.held, found.slow], [true, true])
  found.keep((one) => one === b)
  t.same([found.held, found.due], [false, 1030])
  const delays: number[] = []
  found.delays((_, ms) => { delays.push(ms) })
  t.same(delays, [30])
})

test('a pace reserves once for each piece', async (t) => {
  const found = parcel(100)
  found.wish(stage(), { do: 'pace', rate: 1000, shared: false })
  t.equal(found.next, 20, 'a fiftieth of a second')
  t.same([found.leavesAt(0), found.leavesAt(0)], [1020, 1020])
  found.take(20)
  t.equal(found.leavesAt(0), 1040)
})

test('of two paces the slower counts', async (t) => {
  const found = parcel(100)
  found.wish(stage(), { do: 'pace', rate: 1000, shared: false })
  found.wish(stage(), { do: 'pace', rate: 500, shared: false })
  t.equal(found.next, 10)
  t.equal(found.leavesAt(0), 1020)
})

test('a split leaves piece by piece, each after the gap; without its stage the rest leaves together', async (t) => {
  const found = parcel(10)
  const splitter = stage()
  found.wish(splitter, { do: 'split', sizes: [3, 5, 2], gap: 7 })
  t.same([found.next, found.gap], [3, 7])
  t.equal(found.leavesAt(1010), 1010)
  t.equal(found.take(3).endsPiece, true)
  t.equal(found.next, 5)
  t.equal(found.take(2).endsPiece, false, 'part of a piece')
  t.equal(found.next, 3)
  t.equal(found.take(3).endsPiece, true)
  found.keep(() => false)
  t.same([found.next, found.gap, found.leavesAt(9999)], [2, 0, 1000])
})

test('a piece that was cut off is as long as what is left', async (t) => {
  const found = parcel(10)
  found.wish(stage(), { do: 'split', sizes: [6, 4], gap: 0 })
  found.chunk = found.chunk.subarray(0, 7)
  t.equal(found.next, 6)
  found.take(6)
  t.equal(found.next, 1)
})
