/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { checkActivity, checkHypothesisProbe } from '../../../src/adapters/chaos-toolkit/activities.ts'
import type { Json } from '../../../src/adapters/chaos-toolkit/types.ts'

const env = { PATH: process.env.PATH }
const http = { type: 'http', url: 'http://x/' }
const shell = { type: 'process', path: 'sh' }
const python = { type: 'python', module: 'os.path', func: 'exists', arguments: { path: '/' } }
const of = (provider: Json, more: object = {}): Json => ({ type: 'probe', name: 'p', provider, ...more }) as Json

test('what is an activity', async (t) => {
  for (const activity of [
    of(http), of({ ...http, timeout: 1.5, headers: { a: 'b' }, max_retries: 3, verify_tls: false }), of({ ...http, timeout: [1, 2] }), of({ ...http, timeout: '${t}' }),
    of(shell, { background: true, pauses: { before: 1, after: '${x}' }, timeout: 3 }), of({ ...shell, arguments: '-c true', timeout: 2 }),
    of({ ...shell, arguments: ['-c', 'true'] }), of({ ...shell, arguments: { '-c': 'true' } }), of(python), of({ ...python, arguments: '${all}' }), of(http, { unheard: 'of' })
  ]) t.doesNotThrow(() => checkActivity(activity, 'method.0', env), JSON.stringify(activity))
})

for (const [activity, path, message] of [
  [{}, '', /empty activity is no activity/],
  ['x', '', /empty activity/],
  [{ name: 'p' }, '', /must have a type/],
  [of(http, { type: 'thing' }), '.type', /'thing' is not a supported activity type/],
  [of(http, { name: '' }), '.name', /must have a name/],
  [{ type: 'probe', name: 'p' }, '.provider', /requires a provider/],
  [of(http, { timeout: '3' }), '.timeout', /timeout must be a number/],
  [of(http, { background: 'yes' }), '.background', /background must be a boolean/],
  [of(http, { pauses: 3 }), '.pauses', /pauses must be a mapping/],
  [of(http, { pauses: { before: 'long' } }), '.pauses.before', /before pause must be a number/],
  [of({}), '.provider', /provider must have a type/],
  [of({ type: 'ruby' }), '.provider.type', /unknown provider type 'ruby'/],
  [of({ type: 'http' }), '.provider.url', /must have a URL/],
  [of({ ...http, headers: [] }), '.provider.headers', /headers must be a mapping/],
  [of({ ...http, timeout: [1] }), '.provider.timeout', /timeout does not fit/],
  [of({ ...http, max_retries: -1 }), '.provider.max_retries', /whole number/],
  [of({ ...http, verify_tls: 'no' }), '.provider.verify_tls', /must be a boolean/],
  [of({ type: 'process' }), '.provider.path', /must have a path/],
  [of({ ...shell, path: 'no-such-program' }), '.provider.path', /'no-such-program' cannot be found, in activity 'p'/],
  [of({ ...shell, path: '/etc/passwd' }), '.provider.path', /no access permission to '\/etc\/passwd'/],
  [of({ ...shell, arguments: 3 }), '.provider.arguments', /arguments do not fit/],
  [of({ ...shell, timeout: 'x' }), '.provider.timeout', /timeout does not fit/],
  [of({ type: 'python', func: 'f' }), '.provider.module', /must have a module/],
  [of({ type: 'python', module: 'm' }), '.provider.func', /must have a func/],
  [of({ type: 'python', module: 'chaosaws.ec2.actions', func: 'stop' }), '.provider.module', /nothing of its own for 'chaosaws.ec2.actions.stop'/],
  [of({ ...python, func: 'isfile' }), '.provider.func', /'os.path.isfile'/],
  [of({ ...python, arguments: [] }), '.provider.arguments', /must be a mapping/],
  [of({ ...python, arguments: {} }), '.provider.arguments', /required argument 'path' is missing/],
  [of({ ...python, arguments: { path: '/', mode: 1 } }), '.provider.arguments.mode', /'mode' is not part/]
] as [Json, string, RegExp][]) {
  test(`${JSON.stringify(activity)} is none`, async (t) => {
    t.throws(() => checkActivity(activity, 'method.0', env), { code: 'PMT_ERR_CHAOS_TOOLKIT', message, details: { path: `method.0${path}` } })
    t.throws(() => checkActivity(activity, 'method.0', env), { message: /^InvalidActivity: / })
  })
}

test('a probe of the hypothesis needs a tolerance, and one in it is checked too', async (t) => {
  t.throws(() => checkHypothesisProbe(of(http), 'p.0', env), { message: /must have a tolerance entry/ })
  t.throws(() => checkHypothesisProbe(of(http, { tolerance: of({ type: 'ruby' }) }), 'p.0', env), { message: /unknown provider/, details: { path: 'p.0.tolerance.provider.type' } })
  t.doesNotThrow(() => checkHypothesisProbe(of(http, { tolerance: 200 }), 'p.0', env))
})
