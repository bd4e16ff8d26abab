import { test } from 'tap'
import { EXIT_CODES } from '../../src/experiment/result.ts'

test('exit codes are those of the design: scripts depend on them', async (t) => {
  t.strictSame(EXIT_CODES, {
    held: 0,
    rehearsed: 0,
    breached: 1,
    inconclusive: 3,
    aborted: 4,
    'baseline-not-steady': 5,
    'fault-did-not-land': 6,
    'not-recovered': 7,
    failed: 70,
    interrupted: 130
  })
})
