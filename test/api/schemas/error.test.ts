import { test } from 'tap'
import { errorAnswers } from '../../../src/api/schemas/error.ts'
import { ERRORS, PremortemError } from '../../../src/kernel/errors.ts'
import type { ErrorCode } from '../../../src/kernel/errors.ts'
import { conforms } from '../conform.ts'

test('every error premortem can name is one', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new PremortemError(code, { path: 'a.0', found: null, wanted: 'x', line: 1, column: 2, file: 'f' })
    t.ok(conforms('Error', JSON.parse(JSON.stringify(error))), code)
  }
  t.notOk(conforms('Error', { code: 'E_OTHER', message: 'x' }))
  t.notOk(conforms('Error', { code: 'PMT_ERR_INVALID' }))
  t.same(errorAnswers['4xx'], { $ref: 'Error#' })
})
