import { test } from 'tap'
import { decodeFault } from '../../../src/faults/envelope.ts'
import { exchange } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

test('the answer to the ClientHello is late, and nothing else', async (t) => {
  const behaviour = playTls({ type: 'tls/slow', delay: '3s' }).records()
  t.strictSame(behaviour.chunk!(Buffer.alloc(5), 0), { do: 'delay', ms: 3000 })
  t.strictSame(behaviour.chunk!(Buffer.alloc(5), 0), { do: 'pass' })
  t.equal(behaviour.end, undefined)
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: the handshake drips, and what comes after it does not`, async (t) => {
    const behaviour = playTls({ type: 'tls/slow', rate: '1KB/s' }).records()
    const paced: string[] = []
    const chunk = (bytes: Uint8Array): ReturnType<NonNullable<typeof behaviour.chunk>> => {
      const action = behaviour.chunk!(bytes, 0)
      paced.push(action.do)
      if (action.do === 'pace') t.strictSame(action, { do: 'pace', rate: 1000, shared: false })
      return action
    }
    const { sent, shakenAt } = await exchange({ version, behaviour: { chunk } })
    let before = 0
    const late = sent.filter((bytes, i) => (before += bytes.length) > shakenAt! && paced[i] === 'pace' && bytes[0] === 23 && version === 'TLSv1.3')
    t.strictSame(late, [], 'none behind the handshake')
    t.equal(paced[0], 'pace')
    t.equal(paced.at(-1), 'pass')
  })
}

test('one of them, and above 0', async (t) => {
  const refused = (written: object, path: string): void => {
    t.throws(() => decodeFault({ type: 'tls/slow', ...written }), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(written))
  }
  refused({}, 'delay')
  refused({ delay: '1s', rate: 5 }, 'rate')
  refused({ rate: 0 }, 'rate')
})
