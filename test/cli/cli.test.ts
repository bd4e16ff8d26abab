import { test } from 'tap'
import { VERSION } from '../../src/premortem.ts'
import { cli } from './harness.ts'

test('results go to stdout, errors to stderr, and the code says which', async (t) => {
  t.same(await cli(['--version']), { code: 0, out: `${VERSION}\n`, err: '' })
  t.match(await cli(['nonsense']), { code: 2, out: '', err: /^premortem: PMT_ERR_USAGE: [^\n]*\n$/ })
})

test('an error for a machine is JSON', async (t) => {
  const { code, out, err } = await cli(['nonsense', '--json'])
  t.same([code, out], [2, ''])
  t.match(JSON.parse(err), { error: { code: 'PMT_ERR_USAGE', found: 'nonsense' } })
})

test('an error that nobody foresaw is a bug: 70', async (t) => {
  const clock = undefined as never
  const { runCli } = await import('../../src/cli/cli.ts')
  let err = ''
  const context = {
    stdout: { write: () => { throw new TypeError('broken') } },
    stderr: { write: (text: string) => { err += text } },
    env: { PREMORTEM_DEBUG: '1' },
    signal: new AbortController().signal,
    clock,
    look: { color: false, width: 80 }
  }
  t.equal(await runCli(['--version'], context), 70)
  t.match(err, /PMT_ERR_INTERNAL: broken; [^\n]*\nTypeError: broken\n +at /)
})
