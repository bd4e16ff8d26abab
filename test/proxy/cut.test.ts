import { connect } from 'node:net'
import { test } from 'tap'
import { cut } from '../../src/proxy/cut.ts'
import { startUpstream } from '../helpers/upstream.ts'

test('RST, unless a FIN is under way', async (t) => {
  const ends: string[] = []
  const server = await startUpstream(t, (socket) => {
    socket.resume().on('error', (error: NodeJS.ErrnoException) => ends.push(error.code!)).on('end', () => { ends.push('FIN'); socket.end() })
  })
  const open = () => new Promise<ReturnType<typeof connect>>((resolve) => { const socket = connect(server.port, '127.0.0.1', () => resolve(socket)) })
  const closed = (socket: ReturnType<typeof connect>) => new Promise<void>((resolve) => { socket.on('close', () => resolve()) })
  const reset = await open()
  cut(reset, reset)
  await closed(reset)
  const ending = await open()
  ending.end()
  cut(ending, ending)
  await closed(ending)
  t.ok(reset.destroyed && ending.destroyed)
})
