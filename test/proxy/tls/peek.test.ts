import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'tap'
import { HELLO_TIMEOUT, peek } from '../../../src/proxy/tls/peek.ts'
import type { Peeked } from '../../../src/proxy/tls/peek.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { clientHello, inRecords } from '../../helpers/hello.ts'

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

function setUp () {
  const socket = new Duplex({ read () {}, write: (_chunk, _encoding, done) => { done() } })
  const clock = createVirtualClock()
  const found: Peeked[] = []
  const cancel = peek(socket as unknown as Socket, clock, (peeked) => { found.push(peeked) })
  return { socket, clock, found, cancel }
}

const HELLO = inRecords(clientHello({ sni: 'a.b' }), [40])

test('a hello, with all bytes that came, in the order they came', async (t) => {
  const { socket, found, clock } = setUp()
  for (let at = 0; at < HELLO.length; at += 30) {
    t.equal(found.length, 0)
    socket.push(HELLO.subarray(at, at + 30))
    await turn()
  }
  t.match(found, [{ is: 'hello', hello: { sni: 'a.b' } }])
  t.same(found[0]!.bytes, HELLO)
  await clock.advance(HELLO_TIMEOUT * 2)
  t.equal(found.length, 1)
  const rest: Buffer[] = []
  socket.on('data', (chunk: Buffer) => rest.push(chunk))
  socket.unshift(found[0]!.bytes)
  socket.push(Buffer.from('more'))
  await turn()
  t.same(Buffer.concat(rest), Buffer.concat([HELLO, Buffer.from('more')]), 'it can be read again')
})

test('half a hello and silence, half a hello and the end, something else', async (t) => {
  const silent = setUp()
  silent.socket.push(HELLO.subarray(0, 50))
  await turn()
  await silent.clock.advance(HELLO_TIMEOUT - 1)
  t.equal(silent.found.length, 0)
  await silent.clock.advance(1)
  t.match(silent.found, [{ is: 'timeout', bytes: HELLO.subarray(0, 50) }])
  const ended = setUp()
  ended.socket.push(HELLO.subarray(0, 50))
  ended.socket.push(null)
  await turn()
  t.match(ended.found, [{ is: 'closed' }])
  const other = setUp()
  other.socket.push(Buffer.from('GET / HTTP/1.1\r\n'))
  await turn()
  t.match(other.found, [{ is: 'not-tls', bytes: Buffer.from('GET / HTTP/1.1\r\n') }])
})

test('cancelled, it says nothing', async (t) => {
  const { socket, found, cancel, clock } = setUp()
  cancel()
  socket.push(HELLO)
  await turn()
  await clock.advance(HELLO_TIMEOUT)
  t.equal(found.length, 0)
})
