import { EventEmitter } from 'node:events'
import { test } from 'tap'
import { BACKLOG, HEARTBEAT, createEventStreams } from '../../src/api/event-stream.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { createVirtualClock } from '../helpers/clock.ts'

class Response extends EventEmitter {
  written = ''
  writableLength = 0
  state = 'open'
  headers: Record<string, string> = {}
  writeHead (_status: number, headers: Record<string, string>): void { this.headers = headers }
  write (text: string): boolean {
    this.written += text
    return true
  }

  end (): void { this.finish('ended') }
  destroy (): void { this.finish('destroyed') }
  finish (state: string): void {
    if (this.state !== 'open') return
    this.state = state
    this.emit('close')
  }

  get ids (): string[] { return [...this.written.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!) }
}

function setup () {
  const clock = createVirtualClock()
  const events = new EventBus(clock)
  const streams = createEventStreams({ events, clock })
  const open = (lastEventId?: number): Response => {
    const response = new Response()
    streams.open(response, lastEventId)
    return response
  }
  return { clock, events, streams, open }
}

test('from now on, or from where one was', async (t) => {
  const { events, open } = setup()
  for (let i = 0; i < 3; i++) events.publish('tick', { i })
  const late = open()
  const resumed = open(1)
  events.publish('tick', { i: 3 })
  t.same(late.ids, ['4'])
  t.same(resumed.ids, ['2', '3', '4'])
  t.match(late.headers, { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store' })
  t.same(open(1000).ids, ['1', '2', '3', '4'], 'an id of an earlier process')
  t.same(open(4).ids, [])
  t.same(open(0).ids, ['1', '2', '3', '4'])
})

test('it says that it is alive', async (t) => {
  const { clock, open } = setup()
  const response = open()
  const before = response.written
  await clock.advance(HEARTBEAT - 1)
  t.equal(response.written, before)
  await clock.advance(1)
  t.equal(response.written, `${before}: alive\n\n`)
})

test('a reader that does not read is dropped, and forgotten', async (t) => {
  const { clock, events, open } = setup()
  const slow = open()
  const quick = open()
  slow.writableLength = BACKLOG + 1
  events.publish('tick', {})
  t.equal(slow.state, 'destroyed')
  t.same(slow.ids, [])
  t.same(quick.ids, ['1'])
  quick.finish('gone')
  const { written } = quick
  events.publish('tick', {})
  await clock.advance(HEARTBEAT)
  t.equal(quick.written, written)
  t.equal(clock.pending(), 0)
})

test('closing ends all', async (t) => {
  const { clock, streams, open } = setup()
  const responses = [open(), open()]
  streams.close()
  t.same(responses.map(({ state }) => state), ['ended', 'ended'])
  t.equal(clock.pending(), 0)
})
