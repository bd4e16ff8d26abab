import { test } from 'tap'
import { toxiproxyError } from '../../../src/api/toxiproxy/errors.ts'
import { INVALID_STREAM } from '../../../src/faults/toxics.ts'
import { PremortemError } from '../../../src/kernel/errors.ts'
import type { ErrorCode, ErrorDetails } from '../../../src/kernel/errors.ts'

test('our errors in the words and with the status of Toxiproxy', async (t) => {
  const bind = (code: string): ErrorDetails => ({ message: 'ours', found: '127.0.0.1:3310', cause: Object.assign(new Error(), { code }) })
  const table: [ErrorCode, ErrorDetails, string, number][] = [
    ['PMT_ERR_PROXY_NOT_FOUND', { message: 'no proxy x' }, 'proxy not found', 404],
    ['PMT_ERR_PROXY_EXISTS', {}, 'proxy already exists', 409],
    ['PMT_ERR_FAULT_NOT_FOUND', {}, 'toxic not found', 404],
    ['PMT_ERR_FAULT_EXISTS', {}, 'toxic already exists', 409],
    ['PMT_ERR_FAULT_UNKNOWN', { message: 'invalid toxic type' }, 'invalid toxic type', 400],
    ['PMT_ERR_INVALID', { message: INVALID_STREAM, path: 'stream' }, INVALID_STREAM, 400],
    ['PMT_ERR_INVALID', { message: 'missing required field: name at proxy 2', path: '1' }, 'missing required field: name at proxy 2', 400],
    ['PMT_ERR_INVALID', { path: 'attributes.rate', found: -1, wanted: 'more' }, 'bad request body: attributes.rate: a value does not fit, found -1, wanted more', 400],
    ['PMT_ERR_INVALID', { message: 'not a list', path: '' }, 'bad request body: not a list', 400],
    ['PMT_ERR_SYNTAX', { message: 'EOF' }, 'bad request body: EOF', 400],
    ['PMT_ERR_SYNTAX', { message: 'not JSON', line: 2, column: 3 }, 'bad request body: not JSON (line 2, column 3)', 400],
    ['PMT_ERR_ADDRESS_IN_USE', bind('EADDRINUSE'), 'listen tcp 127.0.0.1:3310: bind: address already in use', 500],
    ['PMT_ERR_ADDRESS', bind('EADDRNOTAVAIL'), 'listen tcp 127.0.0.1:3310: bind: cannot assign requested address', 500],
    ['PMT_ERR_ADDRESS', bind('EACCES'), 'listen tcp 127.0.0.1:3310: bind: permission denied', 500],
    ['PMT_ERR_ADDRESS', bind('EWEIRD'), 'ours', 500],
    ['PMT_ERR_ADDRESS', { message: 'listen tcp: address x: missing port in address' }, 'listen tcp: address x: missing port in address', 500],
    ['PMT_ERR_HALTED', { message: 'premortem is halted' }, 'premortem is halted', 423],
    ['PMT_ERR_INTERNAL', {}, 'premortem failed', 500]
  ]
  for (const [code, details, error, status] of table) {
    t.strictSame(toxiproxyError(new PremortemError(code, details)), { error, status })
  }
})
