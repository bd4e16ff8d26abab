import { test } from 'tap'
import { Type } from 'typebox'
import { numberOf, showValue, unitOf } from '../../../src/experiment/limit/value.ts'
import { typeOf } from '../../../src/faults/catalogue.ts'
import { faultSchema } from '../../../src/faults/envelope.ts'

const schemaOf = (type: string, parameter: string) => faultSchema(typeOf(type)!).properties[parameter]!

test('a unit is known by the parameter', async (t) => {
  t.strictSame([['delay', 'delay'], ['delay', 'share'], ['bandwidth', 'rate'], ['limit-data', 'bytes'], ['status', 'status']]
    .map(([type, parameter]) => unitOf(schemaOf(type!, parameter!))), ['duration', 'share', 'rate', 'size', 'number'])
})

test('values are read as the parameter reads them, and shown as people write them', async (t) => {
  t.equal(numberOf(schemaOf('delay', 'delay'), '1m', 'x'), 60_000)
  t.equal(numberOf(schemaOf('delay', 'share'), '20%', 'x'), 0.2)
  t.equal(numberOf(Type.String(), 'word', 'x'), null)
  t.throws(() => numberOf(schemaOf('delay', 'delay'), 'long', 'limit.to'), { code: 'PMT_ERR_INVALID', details: { path: 'limit.to', found: 'long' } })
  t.strictSame([showValue(343.8, 'duration'), showValue(1500, 'duration'), showValue(0.125, 'share'), showValue(64_000, 'rate'), showValue(1e6, 'size'), showValue(7, 'number')],
    ['343.8ms', '1.5s', '12.5%', '64KB/s', '1MB', '7'])
})
