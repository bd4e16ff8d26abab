import { test } from 'tap'
import { CERTIFICATE_PARAMS, certificateParams, checkSpan, existingByRealism, serving } from '../../src/faults/certificate-params.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Duration, decode } from '../../src/kernel/schema.ts'
import { handshake } from '../helpers/handshakes.ts'

test('a fault\'s own parameters, and those of all', async (t) => {
  const schema = certificateParams({ ago: Duration({ default: '1h' }) })
  t.strictSame(Object.keys(schema.properties), ['ago', ...Object.keys(CERTIFICATE_PARAMS)])
  t.strictSame(decode(schema, {}), { ago: 3_600_000, realism: 'incident' })
  t.throws(() => decode(schema, { realism: 'real' }), { code: 'PMT_ERR_INVALID', details: { path: 'realism' } })
})

test('an incident makes everybody shake hands anew; nature leaves them', async (t) => {
  t.equal(existingByRealism({ realism: 'incident' }), 'drain')
  t.equal(existingByRealism({ realism: 'natural' }), 'ignore')
  const resume = (realism: 'incident' | 'natural', resumption?: 'invalidate' | 'keep'): unknown =>
    serving({ realism, resumption }, { flaw: 'wrong-host' }).handshake(handshake(), { random: createRandom(1), elapsed: 0 })
  const serve = (resumes: boolean): unknown => ({ do: 'serve', flaw: { flaw: 'wrong-host' }, resume: resumes })
  t.strictSame(resume('incident'), serve(false))
  t.strictSame(resume('natural'), serve(true))
  t.strictSame(resume('incident', 'keep'), serve(true))
  t.strictSame(resume('natural', 'invalidate'), serve(false))
})

test('times that a certificate can show', async (t) => {
  for (const ms of [1000, 3650 * 86_400_000]) t.doesNotThrow(() => checkSpan(ms, 'in'))
  for (const ms of [0, 999, 3651 * 86_400_000, Infinity, NaN]) t.throws(() => checkSpan(ms, 'f.in'), { code: 'PMT_ERR_INVALID', details: { path: 'f.in' } }, String(ms))
})
