/* eslint-disable no-template-curly-in-string -- this is how it is written in a file */
import { test } from 'tap'
import { NO_SCOPE, isEmptyScope, substitute } from '../../../src/adapters/chaos-toolkit/substitution.ts'
import type { Json, Scope } from '../../../src/adapters/chaos-toolkit/types.ts'

const scope: Scope = { configuration: { a: 1, b: { k: [1] }, s: 'x' }, secrets: { vault: { token: 't0p', a: 'hidden' }, other: { nothing: null } } }

const VECTORS: [Json, Json][] = [
  ['${a}', 1],
  ['${b}', { k: [1] }],
  ['v ${a}', 'v 1'],
  ['${a}${s}', '1x'],
  ['$a', '1'],
  ['$$a', '$a'],
  ['${missing}', '${missing}'],
  ['${b.k}', '${b.k}'],
  ['${a:-1}', '${a:-1}'],
  ['cost $5', 'cost $5'],
  ['${vault}', '${vault}'],
  ['Bearer ${token}', 'Bearer t0p'],
  ['${nothing}', null],
  ['is ${b}', "is {'k': [1]}"],
  [7, 7],
  [{ '${a}': ['${a}', { deep: '$s' }] }, { '${a}': [1, { deep: 'x' }] }]
]

for (const [written, filled] of VECTORS) {
  test(`${JSON.stringify(written)} becomes ${JSON.stringify(filled)}`, async (t) => t.strictSame(substitute(written, scope), filled))
}

test('an empty scope is known', async (t) => {
  t.ok(isEmptyScope(NO_SCOPE))
  t.notOk(isEmptyScope(scope))
})
