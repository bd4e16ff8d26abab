import { test } from 'tap'
import { alertRecord } from '../../../src/proxy/tls/answer.ts'

test('a fatal alert in one record', async (t) => {
  t.same(alertRecord('unrecognized_name'), Buffer.from('15030300020270', 'hex'))
})
