import { test } from 'tap'
import { listen } from '../../src/proxy/listener.ts'
import { eventually } from '../helpers/proxy.ts'
import { openRaw } from '../helpers/raw.ts'

test('a listener hands over what it accepts, and frees its port', async (t) => {
  let accepted = 0
  const listener = await listen('127.0.0.1', 0, (socket) => {
    accepted++
    socket.end('bye')
  })
  const { port, host } = listener.address
  t.equal(host, '127.0.0.1')
  const raw = await openRaw(t, port)
  await eventually(() => accepted === 1, () => 'not accepted')
  await listener.close()
  await t.rejects(openRaw(t, port), { code: 'ECONNREFUSED' })
  await raw.over
  t.equal(raw.text, 'bye', 'open connections go on')
  const again = await listen('127.0.0.1', port, () => {})
  await again.close()
})

test('addresses that cannot be had are named', async (t) => {
  const first = await listen('127.0.0.1', 0, () => {})
  t.teardown(() => first.close())
  const { port } = first.address
  await t.rejects(listen('127.0.0.1', port, () => {}), { code: 'PMT_ERR_ADDRESS_IN_USE', message: `127.0.0.1:${port} is in use` })
  await t.rejects(listen('192.0.2.1', 0, () => {}), { code: 'PMT_ERR_ADDRESS', message: /192\.0\.2\.1:0/ })
})
