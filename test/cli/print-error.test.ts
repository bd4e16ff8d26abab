import { test } from 'tap'
import { printError } from '../../src/cli/print-error.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

const PLAIN = { color: false, width: 80 }

test('one line says code, message, where, found, wanted and hint', async (t) => {
  const error = new PremortemError('PMT_ERR_INVALID', { path: 'proxies.0.listen', found: 'x', wanted: 'host:port', file: 'c.yaml', line: 3, column: 5 })
  t.equal(printError(error, PLAIN),
    'premortem: PMT_ERR_INVALID: a value does not fit; at c.yaml:3:5 proxies.0.listen; found x; wanted host:port; hint: correct the value at the path named')
})

test('what is not known is left out', async (t) => {
  t.equal(printError(new PremortemError('PMT_ERR_RUN_BUSY'), PLAIN), 'premortem: PMT_ERR_RUN_BUSY: a run is in progress; hint: wait for it, or abort it')
})

test('found values are shown as JSON, short and on the same line', async (t) => {
  t.match(printError(new PremortemError('PMT_ERR_INVALID', { found: { a: [1] } }), PLAIN), /; found \{"a":\[1\]\};/)
  t.match(printError(new PremortemError('PMT_ERR_INVALID', { found: null }), PLAIN), /; found null;/)
  const long = printError(new PremortemError('PMT_ERR_INVALID', { message: 'a\nb', found: 'x\n\u001b[31m'.repeat(100) }), PLAIN)
  t.ok(long.length < 300)
  t.notOk(long.includes('\n') || long.includes('\u001b'), 'neither line breaks nor what steers a terminal')
})

test('what nobody foresaw is an internal error, and its stack is for those who ask', async (t) => {
  const error = new TypeError('boom')
  t.match(printError(error, PLAIN), /^premortem: PMT_ERR_INTERNAL: boom; hint: [^\n]*$/)
  t.match(printError(error, PLAIN, { debug: true }), /boom[^\n]*\nTypeError: boom\n\s+at /)
})

test('machines get JSON', async (t) => {
  t.same(JSON.parse(printError(new PremortemError('PMT_ERR_RUN_BUSY', { found: 1 }), PLAIN, { json: true })), {
    error: { code: 'PMT_ERR_RUN_BUSY', message: 'a run is in progress', found: 1, hint: 'wait for it, or abort it' }
  })
})
