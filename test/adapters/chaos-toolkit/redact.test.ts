import { test } from 'tap'
import { createRedactor } from '../../../src/adapters/chaos-toolkit/redact.ts'

test('secrets are taken out wherever they are', async (t) => {
  const redact = createRedactor(['p@ss word', 'p@ss', 'ab', '123456', 'say "hi"'])
  t.strictSame(redact({
    plain: 'x p@ss word y',
    part: 'p@ss!',
    url: 'http://x/?q=p%40ss%20word',
    form: 'q=p%40ss+word',
    base64: `Basic ${Buffer.from('p@ss word').toString('base64')}`,
    json: JSON.stringify({ a: 'say "hi"' }),
    'key p@ss': [['p@ss']],
    number: 123456,
    other: 12,
    short: 'ab',
    within: 'cab',
    nothing: null,
    yes: true
  }), {
    plain: 'x *** y',
    part: '***!',
    url: 'http://x/?q=***',
    form: 'q=***',
    base64: 'Basic ***',
    json: '{"a":"***"}',
    'key ***': [['***']],
    number: '***',
    other: 12,
    short: '***',
    within: 'cab',
    nothing: null,
    yes: true
  })
  t.equal(createRedactor([])('x'), 'x')
})
