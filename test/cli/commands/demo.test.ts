import { test } from 'tap'
import { cli } from '../harness.ts'

// What the demo shows is tested with the demo; here only how it is called.
test('the demo can be interrupted, and ends with 130', async (t) => {
  const interrupt = new AbortController()
  interrupt.abort('interrupted by SIGINT')
  const { code, out } = await cli(['demo', '--quick', '--data', t.testdir({})], { signal: interrupt.signal })
  t.equal(code, 130)
  t.not(out, '')
})

test('machines get the exit code and nothing else', async (t) => {
  const { code, out } = await cli(['demo', '--quick', '--json', '--data', t.testdir({})], { signal: AbortSignal.abort('x') })
  t.equal(code, 130)
  t.same(JSON.parse(out), { exitCode: 130 })
})
