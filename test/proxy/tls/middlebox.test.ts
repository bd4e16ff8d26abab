import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'tap'
import type { StreamBehaviour } from '../../../src/faults/fault.ts'
import { emptyCounters } from '../../../src/faults/plan.ts'
import { Stage } from '../../../src/proxy/stage.ts'
import { Middlebox } from '../../../src/proxy/tls/middlebox.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

function setUp (behaviour: StreamBehaviour, fromClient?: (chunk: Buffer) => boolean) {
  const sent: string[] = []
  const raw = new Duplex({
    read () {},
    write (chunk: Buffer, _encoding, done) {
      sent.push(String(chunk))
      done()
    },
    final (done) {
      sent.push('FIN')
      done()
    }
  })
  const clock = createVirtualClock()
  const cuts: string[] = []
  const stage = new Stage(behaviour, { counters: emptyCounters(), beganAt: 0 }, 'downstream', 0)
  const owner = { cut: (how: string) => { cuts.push(how) }, ...fromClient === undefined ? {} : { fromClient } }
  const box = new Middlebox(raw as unknown as Socket, clock, [stage], owner)
  return { raw, box, sent, cuts, clock, stage }
}

test('bytes pass both ways, and the end', async (t) => {
  const { raw, box, sent } = setUp({})
  const got: string[] = []
  box.on('data', (chunk: Buffer) => got.push(String(chunk))).on('end', () => got.push('FIN'))
  raw.push('in')
  box.write('out')
  await turn()
  raw.push(null)
  box.end()
  await turn()
  await turn()
  t.same([got, sent], [['in', 'FIN'], ['out', 'FIN']])
})

test('what goes to the client goes through the stage', async (t) => {
  const { box, sent, cuts, clock } = setUp({ chunk: (chunk) => chunk.length > 3 ? { do: 'cut', bytes: 2, how: 'reset' } : { do: 'delay', ms: 10 } })
  box.write('abc')
  box.write('defgh')
  await turn()
  t.same(sent, [])
  await clock.advance(10)
  t.same([sent, cuts], [['abc', 'de'], ['reset']])
})

test('bytes of the client can be kept from TLS', async (t) => {
  const { raw, box } = setUp({}, (chunk) => chunk[0] !== 33)
  const got: string[] = []
  box.on('data', (chunk: Buffer) => got.push(String(chunk)))
  raw.push('ok')
  await turn()
  raw.push('!')
  await turn()
  t.same(got, ['ok'])
})

test('a stage that holds bytes back holds TLS back as well', async (t) => {
  const { box, stage, sent } = setUp({ chunk: () => ({ do: 'hold', ms: Infinity }) })
  let written = 0
  const write = (): void => { box.write(Buffer.alloc(64 * 1024), () => { written++ }) }
  for (let i = 0; i < 10; i++) write()
  await turn()
  t.ok(written < 10 && sent.length === 0, `${written} of 10 were taken`)
  box.toClient.forget(stage)
  await turn()
  box.toClient.setStages([])
  await turn()
  t.ok(sent.length > 0)
})
