import { test } from 'tap'
import { ERRORS, PremortemError, toPremortemError } from '../../src/kernel/errors.ts'
import type { ErrorCode } from '../../src/kernel/errors.ts'

test('every entry of the table is whole', async (t) => {
  // DESIGN section 7; an error is never a success.
  const exits = new Set<number>([1, 2, 3, 4, 5, 6, 7, 70, 130])
  for (const [code, { message, status, exit, hint }] of Object.entries(ERRORS)) {
    t.match(code, /^PMT_ERR_[A-Z]+(_[A-Z]+)*$/)
    t.ok(message.length > 0 && hint.length > 0, `${code} says what and what to do`)
    t.ok(status >= 400 && status < 600, `${code} has an HTTP status of an error`)
    t.ok(exits.has(exit), `${code} has an exit code of an error`)
  }
})

test('no two codes say the same', async (t) => {
  const messages = Object.values(ERRORS).map((entry) => entry.message)
  t.equal(new Set(messages).size, messages.length)
})

test('an error carries its entry', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new PremortemError(code)
    t.match(error, { name: 'PremortemError', code, ...ERRORS[code] })
  }
})

test('details win over the table', async (t) => {
  const error = new PremortemError('PMT_ERR_INVALID', { message: 'not a share', hint: 'write 20%' })
  t.equal(error.message, 'not a share')
  t.equal(error.hint, 'write 20%')
  t.equal(error.status, 400)
})

test('as JSON: what, where, found, wanted and hint, without cause and without what is unknown', async (t) => {
  const cause = new Error('secret')
  const error = new PremortemError('PMT_ERR_INVALID', { path: 'faults.0.delay', found: null, wanted: 'a duration', file: undefined, line: 3, cause })
  t.equal(error.cause, cause)
  t.strictSame(JSON.parse(JSON.stringify(error)), {
    code: 'PMT_ERR_INVALID', message: 'a value does not fit', path: 'faults.0.delay', found: null, wanted: 'a duration', line: 3, hint: ERRORS.PMT_ERR_INVALID.hint
  })
})

test('what was found is kept short and can always be sent as JSON', async (t) => {
  const circle: unknown[] = []
  circle.push(circle)
  const found = (value: unknown): unknown => new PremortemError('PMT_ERR_INVALID', { found: value }).details.found
  t.equal(found('x'.repeat(1000)), `${'x'.repeat(200)}…`)
  t.equal(found(NaN), 'NaN')
  t.equal(found(10n), '10')
  t.equal(found(Symbol('s')), 'a symbol')
  t.equal(found(test), 'a function')
  t.equal(found(circle), 'a list of 1')
  t.equal(found(Array.from({ length: 500 }, () => 1)), 'a list of 500')
  t.equal(found({ text: 'x'.repeat(500) }), 'a mapping of 1 keys')
  t.strictSame(found({ a: [1] }), { a: [1] })
  t.equal(found(false), false)
})

test('at() adds where, and what is there already stays', async (t) => {
  const error = new PremortemError('PMT_ERR_SYNTAX', { message: 'odd', path: 'a.b', cause: 'c' })
  const placed = error.at({ path: 'other', file: 'x.yaml', line: 2, column: 7 })
  t.match(placed, { code: 'PMT_ERR_SYNTAX', message: 'odd', cause: 'c', details: { path: 'a.b', file: 'x.yaml', line: 2, column: 7 } })
  t.equal(error.details.file, undefined, 'the first error is left alone')
})

test('any thrown value becomes a PremortemError', async (t) => {
  const own = new PremortemError('PMT_ERR_HALTED')
  t.equal(toPremortemError(own), own)
  const foreign = new TypeError('boom')
  t.match(toPremortemError(foreign), { code: 'PMT_ERR_INTERNAL', message: 'boom', cause: foreign, exit: 70 })
  t.match(toPremortemError('text'), { code: 'PMT_ERR_INTERNAL', message: 'text' })
})
