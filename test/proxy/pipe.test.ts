import type { Socket } from 'node:net'
import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { test } from 'tap'
import type { StreamAction } from '../../src/faults/fault.ts'
import { emptyCounters } from '../../src/faults/plan.ts'
import { Pipe } from '../../src/proxy/pipe.ts'
import type { Ending } from '../../src/proxy/pipe.ts'
import { Stage } from '../../src/proxy/stage.ts'
import { createVirtualClock } from '../helpers/clock.ts'

/** What of a socket a pipe uses; remembers what came when. `room` bytes are taken before it needs a drain. */
class Sink extends EventEmitter {
  written: { at: number, text: string }[] = []
  ended: number | null = null
  room = Infinity
  writableNeedDrain = false
  readonly #now: () => number

  constructor (now: () => number) {
    super()
    this.#now = now
  }

  write (chunk: Buffer): boolean {
    if (this.ended !== null) throw new Error('written after its end')
    this.written.push({ at: this.#now(), text: chunk.toString() })
    this.room -= chunk.length
    if (this.room <= 0) this.writableNeedDrain = true
    return !this.writableNeedDrain
  }

  end (): void { this.ended ??= this.#now() }

  drain (room = Infinity): void {
    this.room = room
    this.writableNeedDrain = false
    this.emit('drain')
  }

  get text (): string { return this.written.map((write) => write.text).join('') }
  get bytes (): number { return this.written.reduce((sum, write) => sum + write.text.length, 0) }
}

function setUp () {
  const clock = createVirtualClock(1000)
  const sink = new Sink(clock.now)
  const holds: boolean[] = []
  const endings: Ending[] = []
  const cuts: string[] = []
  const pipe = new Pipe(sink as unknown as Socket, clock, {
    hold: (hold) => { holds.push(hold) },
    end: (_, action) => { endings.push(action) },
    cut: (how) => { cuts.push(how) }
  })
  return { clock, sink, holds, pipe, endings, cuts }
}

/** A stage that says the same of bytes and of FIN. */
const stage = (action: (bytes: number) => StreamAction, now = 1000): Stage =>
  new Stage({ chunk: ({ length }) => action(length), end: () => action(0) }, { counters: emptyCounters(), beganAt: 0 }, 'downstream', now)
const delay = (ms: number): Stage => stage(() => ({ do: 'delay', ms }))
const pace = (rate: number, now?: number): Stage => stage(() => ({ do: 'pace', rate, shared: false }), now)
const hold = stage(() => ({ do: 'hold', ms: Infinity }))
const bytes = (length: number): Buffer => Buffer.alloc(length, 'x')

test('without faults it writes at once, the same buffers', async (t) => {
  const { clock, sink, holds, pipe } = setUp()
  pipe.write(Buffer.from('a'))
  pipe.write(Buffer.from('b'))
  t.equal(sink.text, 'ab')
  t.equal(pipe.bytes, 2)
  let flushed = false
  pipe.flushed(() => { flushed = true })
  t.equal(flushed, true)
  pipe.end()
  t.equal(sink.ended, 1000)
  t.same(holds, [])
  t.equal(clock.pending(), 0)
})

test('a full sink stops the other side until it drains', async (t) => {
  const { sink, holds, pipe } = setUp()
  sink.room = 2
  pipe.write(bytes(1))
  t.same(holds, [])
  pipe.write(bytes(1))
  t.same(holds, [true])
  t.equal(pipe.full, true)
  pipe.write(bytes(1))
  t.same(holds, [true], 'told once')
  sink.drain()
  t.same(holds, [true, false])
  t.equal(pipe.full, false)
})

test('a delay is never early, and does not add up over many chunks', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([delay(100)])
  for (let i = 0; i < 50; i++) {
    pipe.write(Buffer.from(`${i},`))
    await clock.advance(1)
  }
  await clock.advance(500)
  t.equal(sink.text, Array.from({ length: 50 }, (_, i) => `${i},`).join(''))
  t.same(sink.written.map((write) => write.at), Array.from({ length: 50 }, (_, i) => 1100 + i))
})

test('delays of two faults add up, and are counted', async (t) => {
  const { clock, sink, pipe } = setUp()
  const stages = [delay(100), delay(30)]
  pipe.setStages(stages)
  pipe.write(bytes(1))
  await clock.advance(129)
  t.equal(sink.bytes, 0)
  await clock.advance(1)
  t.equal(sink.bytes, 1)
  t.match(stages[0]!.counters, { delays: 1, delayRequested: 100, delayAchieved: 100 })
  t.match(stages[1]!.counters, { delays: 1, delayRequested: 30, delayAchieved: 30 })
})

test('any delays: the order is kept and nothing is early', async (t) => {
  const gapsAndDelays = fc.array(fc.tuple(fc.nat(50), fc.nat(200)), { minLength: 1, maxLength: 30 })
  await fc.assert(fc.asyncProperty(gapsAndDelays, async (chunks) => {
    const { clock, sink, pipe } = setUp()
    let next = 0
    pipe.setStages([stage(() => ({ do: 'delay', ms: next }))])
    const due: number[] = []
    for (const [i, [gap, ms]] of chunks.entries()) {
      await clock.advance(gap)
      next = ms
      due.push(clock.now() + ms)
      pipe.write(Buffer.from(String.fromCharCode(65 + i)))
    }
    pipe.end()
    await clock.advance(500)
    if (sink.text !== chunks.map((_, i) => String.fromCharCode(65 + i)).join('')) throw new Error(`order: ${sink.text}`)
    // As late as it must be for the order's sake, and no later.
    let latest = 0
    for (const [i, { at }] of sink.written.entries()) {
      latest = Math.max(latest, due[i]!)
      if (at !== latest) throw new Error(`${i} at ${at}, due ${latest}`)
    }
    if (sink.ended === null) throw new Error('no end')
  }), { numRuns: 50 })
  t.pass('50 times')
})

test('a pace is exact over a second, from one large chunk as from many small ones', async (t) => {
  for (const [name, chunks] of [['one', [200_000]], ['many', Array<number>(2000).fill(100)], ['odd', Array<number>(300).fill(777)]] as const) {
    const { clock, sink, pipe } = setUp()
    pipe.setStages([pace(100_000)])
    for (const length of chunks) pipe.write(bytes(length))
    for (let second = 1; second <= 2; second++) {
      await clock.advance(1000)
      const error = Math.abs(sink.bytes - second * 100_000)
      t.ok(error <= 2000, `${name}: ${sink.bytes} bytes after ${second} s, at most one piece off`)
    }
    t.ok(sink.written.every((write) => write.text.length <= 2000), `${name}: in pieces of at most a fiftieth of a second`)
  }
})

test('an idle paced pipe saves nothing up', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([pace(1000)])
  await clock.advance(10_000)
  pipe.write(bytes(5000))
  await clock.advance(1000)
  t.equal(sink.bytes, 1000)
})

test('the slowest of several paces counts, and a delay comes before it', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([pace(5000), pace(1000), delay(500)])
  pipe.write(bytes(100))
  await clock.advance(500)
  t.equal(sink.bytes, 0)
  await clock.advance(100)
  t.equal(sink.bytes, 100)
})

test('what is held goes out when its fault goes, in order and before what comes later', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.write(Buffer.from('a'))
  pipe.setStages([hold])
  pipe.write(Buffer.from('b'))
  pipe.write(Buffer.from('c'))
  await clock.advance(60_000)
  t.equal(sink.text, 'a')
  pipe.setStages([])
  t.equal(sink.text, 'abc', 'at once')
  pipe.write(Buffer.from('d'))
  t.equal(sink.text, 'abcd')
  t.equal(clock.pending(), 0)
})

test('a delay in flight ends when its fault goes, or changes', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([delay(10_000)])
  pipe.write(Buffer.from('a'))
  await clock.advance(100)
  pipe.setStages([delay(300)])
  await clock.advance(199)
  t.equal(sink.text, '')
  await clock.advance(1)
  t.equal(sink.text, 'a', 'the new delay counts from when it came')
  pipe.write(Buffer.from('b'))
  pipe.setStages([])
  t.equal(sink.text, 'ab')
  t.equal(clock.pending(), 0)
})

test('a pace in flight ends when its fault goes', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([pace(1000)])
  pipe.write(bytes(5000))
  await clock.advance(1000)
  t.equal(sink.bytes, 1000)
  pipe.setStages([])
  t.equal(sink.bytes, 5000)
})

test('held bytes are bounded: the other side is stopped, and goes on at half', async (t) => {
  const { sink, holds, pipe } = setUp()
  pipe.setStages([hold])
  pipe.write(bytes(256 * 1024))
  t.same(holds, [])
  pipe.write(bytes(1))
  t.same(holds, [true])
  pipe.setStages([])
  t.same(holds, [true, false])
  t.equal(sink.bytes, 256 * 1024 + 1)
})

test('paced bytes are bounded likewise', async (t) => {
  const { clock, holds, pipe } = setUp()
  pipe.setStages([pace(64 * 1024)])
  for (let i = 0; i < 300; i++) pipe.write(bytes(1024))
  t.same(holds, [true])
  await clock.advance(2000)
  t.same(holds, [true], 'still more than half of the limit')
  await clock.advance(2000)
  t.same(holds, [true, false])
})

test('delayed bytes may be more: a bulk transfer is shifted, not slowed', async (t) => {
  const { clock, sink, holds, pipe } = setUp()
  pipe.setStages([delay(100)])
  const chunk = bytes(1024 * 1024)
  for (let i = 0; i < 16; i++) pipe.write(chunk)
  t.same(holds, [])
  pipe.write(chunk)
  t.same(holds, [true])
  await clock.advance(100)
  t.same(holds, [true, false])
  t.equal(sink.bytes, 17 * 1024 * 1024)
})

test('a sink that is full keeps the queue back', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([delay(10)])
  sink.room = 2
  for (const text of ['a', 'b', 'c']) pipe.write(Buffer.from(text))
  await clock.advance(20)
  t.equal(sink.text, 'ab')
  sink.drain(1)
  t.equal(sink.text, 'abc')
})

test('the end comes after what waits', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([delay(100)])
  pipe.write(Buffer.from('a'))
  await clock.advance(50)
  pipe.end()
  pipe.end()
  await clock.advance(99)
  t.equal(sink.text, 'a')
  t.equal(sink.ended, null)
  await clock.advance(1)
  t.equal(sink.ended, 1150, 'and is as late as a byte would be')
})

test('a black hole keeps the end back as well', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([hold])
  pipe.end()
  await clock.advance(60_000)
  t.equal(sink.ended, null)
  pipe.setStages([])
  t.equal(sink.ended, 61_000)
})

test('flushed waits for what was written before, and for no more', async (t) => {
  const { clock, sink, pipe } = setUp()
  const seen: string[] = []
  pipe.setStages([delay(100)])
  pipe.write(Buffer.from('a'))
  pipe.flushed(() => { seen.push(`a: ${sink.text}`) })
  await clock.advance(50)
  pipe.write(Buffer.from('b'))
  pipe.flushed(() => { seen.push(`b: ${sink.text}`) })
  await clock.advance(50)
  t.same(seen, ['a: a'])
  await clock.advance(50)
  t.same(seen, ['a: a', 'b: ab'])
})

test('destroy forgets everything, and says so', async (t) => {
  const { clock, sink, pipe } = setUp()
  pipe.setStages([delay(100)])
  pipe.write(Buffer.from('a'))
  const told: boolean[] = []
  pipe.flushed((out) => { told.push(out) })
  pipe.destroy()
  await clock.advance(1000)
  t.equal(sink.text, '')
  t.equal(clock.pending(), 0)
})

test('fifty thousand chunks that wait do not overflow the stack, nor take long', async (t) => {
  const { sink, pipe } = setUp()
  pipe.setStages([hold])
  for (let i = 0; i < 50_000; i++) pipe.write(bytes(1))
  pipe.setStages([])
  t.equal(sink.bytes, 50_000)
})
