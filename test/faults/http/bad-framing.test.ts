import { test } from 'tap'
import { playHttp } from '../../helpers/playbook.ts'

function sent (kind: string, seed = 1): { text: string, status: number } {
  const action = playHttp({ type: 'bad-framing', kind }, seed).request()
  if (action.do !== 'raw') throw new Error(action.do)
  if (action.end !== 'close') throw new Error(action.end)
  return { text: Buffer.from(action.bytes).toString('latin1'), status: action.status }
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)
const lengthOf = (text: string): number => Number(/content-length: (\d+)/.exec(text)?.[1])

test('each kind breaks its rule', async (t) => {
  t.match(bodyOf(sent('malformed-chunk').text), /^[^0-9a-f]/)
  const long = sent('length-too-long').text
  t.ok(lengthOf(long) > bodyOf(long).length)
  const short = sent('length-too-short').text
  t.ok(lengthOf(short) < bodyOf(short).length)
  t.match(sent('both-lengths').text, /content-length: \d+\r\ntransfer-encoding: chunked/)
  t.ok(sent('bad-header').text.split('\r\n').slice(1).some((line) => line !== '' && !line.includes(':')))
  t.notMatch(sent('bad-status-line').text, /^HTTP\/1\.1 \d{3} /)
  t.strictSame(['malformed-chunk', 'bad-header', 'bad-status-line', 'garbage'].map((kind) => sent(kind).status), [200, 200, 0, 0])
})

test('garbage comes from the request\'s own generator', async (t) => {
  const { text } = sent('garbage')
  t.equal(text.length, 128)
  t.ok(Buffer.from(text, 'latin1').every((byte) => byte >= 0x80))
  t.equal(sent('garbage').text, text)
  t.not(sent('garbage', 2).text, text)
})

test('before the upstream is called, or after', async (t) => {
  const before = playHttp({ type: 'bad-framing' })
  t.strictSame([before.request().do, before.response().do], ['raw', 'pass'])
  const after = playHttp({ type: 'bad-framing', when: 'after' })
  t.strictSame([after.request().do, after.response().do], ['pass', 'raw'])
})
