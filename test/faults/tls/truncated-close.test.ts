import { test } from 'tap'
import { exchange } from '../../helpers/handshakes.ts'
import { playTls } from '../../helpers/playbook.ts'

const ANSWER = [Buffer.alloc(2000, 'a'), Buffer.alloc(2000, 'b')]

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: whole records arrive, and then the end without a word`, async (t) => {
    const { shakenAt, received } = await exchange({ version, answer: ANSWER, behaviour: playTls({ type: 'tls/truncated-close' }).records() })
    t.ok(shakenAt! > 0)
    t.strictSame(received, ANSWER[0])
  })

  test(`${version}: nothing of it, but the handshake`, async (t) => {
    const { shakenAt, received } = await exchange({ version, answer: ANSWER, behaviour: playTls({ type: 'tls/truncated-close', after: 0 }).records() })
    t.ok(shakenAt! > 0)
    t.equal(received.length, 0)
  })
}

test('who has sent less is spared', async (t) => {
  const { received, code } = await exchange({ answer: ANSWER, behaviour: playTls({ type: 'tls/truncated-close', after: '1MB' }).records() })
  t.strictSame(received, Buffer.concat(ANSWER))
  t.equal(code, undefined)
})
