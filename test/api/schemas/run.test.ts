import { test } from 'tap'
import { isWritten } from '../../../src/api/schemas/schema.ts'
import { ExperimentBody } from '../../../src/api/schemas/run.ts'
import { awkward, breached, turnedDown } from '../../report/results.ts'
import { conforms } from '../conform.ts'

test('what runs find out is what the schema says', async (t) => {
  for (const result of [breached(), awkward(), turnedDown()]) t.ok(conforms('RunResult', JSON.parse(JSON.stringify(result))), result.title)
  t.notOk(conforms('RunResult', { ...breached(), outcome: 'fine' }))
})

test('the four ways to recover', async (t) => {
  for (const time of [{ kind: 'unaffected' }, { kind: 'recovered', ms: 5 }, { kind: 'not-seen', ms: 5 }, { kind: 'unknown' }]) {
    t.ok(conforms('TimeToRecover', time), time.kind)
  }
  t.notOk(conforms('TimeToRecover', { kind: 'recovered' }))
})

test('an experiment reaches the handler as it was written', async (t) => t.ok(isWritten(ExperimentBody)))
