import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { RunResult } from '../../../src/experiment/result.ts'
import { cli, startSidecar } from '../harness.ts'
import { NO_TLS } from '../../../src/proxy/tls/settings.ts'

const PHASES = ['--baseline', '1s', '--for', '1s', '--recovery', '1s']

test('a question in one line is an experiment', async (t) => {
  const { control, edge, data } = await startSidecar(t)
  const junit = join(data, 'junit.xml')
  const { code, out, err } = await cli([
    'whatif', 'edge', 'delay', 'delay=500ms', 'share=100%', '--slo', 'p95<=250ms', '--slo', 'success>=90%',
    '--load', edge, '--rate', '100/s', '--warmup', '500ms', ...PHASES.with(-1, '4s'), '--seed', '3', '--json', '--control', control,
    '--junit', junit
  ])
  t.equal(err, '')
  const result = JSON.parse(out) as RunResult
  t.match(result, {
    title: 'What if edge meets delay 500ms?',
    outcome: 'breached',
    exitCode: 1,
    seed: 3,
    at: 'edge',
    objectives: [{ objective: 'p95 <= 250ms' }, { objective: 'success >= 90%' }],
    faults: [{ fault: { type: 'delay', delay: '500ms', share: '100%', on: 'edge' } }]
  })
  t.equal(code, 1)
  t.match(readFileSync(junit, 'utf8'), /name="What if edge meets delay 500ms\?"[^]*<failure message="breached: /)
})

test('without traffic nothing is judged: silence is not a pass', async (t) => {
  const { control } = await startSidecar(t)
  const { code } = await cli(['whatif', 'edge', 'hang', '--slo', 'success>=90%', ...PHASES, '--control', control])
  t.ok([3, 5].includes(code), `exit ${code}`)
})

test('errors name what was typed', async (t) => {
  const { control } = await startSidecar(t)
  const ask = (...argv: string[]) => cli(['whatif', ...argv, '--control', control])
  t.match(await ask('edge', 'hang', '--slo', 'fast'), { code: 2, err: /not an objective; at --slo; found fast/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--for', '1'), { code: 2, err: /at --for;/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--baseline', 'long'), { code: 2, err: /at --baseline; found long/ })
  t.match(await ask('edge', 'delay', 'delay=slow', '--slo', 'success>=9%'), { code: 2, err: /at delay; found slow/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--rate', '5/s'), { code: 2, err: /--load and --rate go together/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--rate', 'x', '--load', 'http://a'), { code: 2, err: /at --rate; found x/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--guardrail', 'x'), { code: 2, err: /at --guardrail; found x/ })
  t.match(await ask('egde', 'hang', '--slo', 'success>=9%'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND: .*at PROXY; found egde/ })
  t.match(await ask('edge', 'hang', '--slo', 'success>=9%', '--at', 'egde'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND: .*at --at; found egde/ })
})

test('a tls fault is judged by handshakes when nobody says, and by traffic where it is seen', async (t) => {
  const { premortem, control } = await startSidecar(t)
  const objectives = async (proxy: string, ...more: string[]) => {
    const { code, out } = await cli(['whatif', proxy, 'tls/expired', ...more, ...PHASES, '--json', '--control', control])
    t.equal(code, 3, 'there are neither handshakes nor requests')
    return (JSON.parse(out) as RunResult).objectives.map(({ objective }) => objective)
  }
  const settings = (proxy: string): object => premortem.proxies.get(proxy).settings
  Object.assign(settings('edge'), { tls: { ...NO_TLS, accept: 'terminate' } })
  Object.assign(settings('raw'), { tls: { ...NO_TLS, accept: 'passthrough' } })
  t.strictSame(await objectives('edge'), ['handshake >= 99%', 'success >= 99%'])
  t.strictSame(await objectives('raw'), ['handshake >= 99%'])
  t.strictSame(await objectives('raw', '--at', 'edge', '--slo', 'p95<=1s'), ['p95 <= 1s'], 'what is asked is what is judged')
  Object.assign(settings('edge'), { tls: { ...NO_TLS, accept: 'none' } })
  t.strictSame(await objectives('raw', '--at', 'edge'), ['success >= 99%'], 'no TLS where it is measured')
})

test('without an objective of its own, a fault needs one; and TLS must be seen', async (t) => {
  const { control } = await startSidecar(t)
  const ask = (...argv: string[]) => cli(['whatif', ...argv, '--control', control])
  t.match(await ask('edge', 'hang'), { code: 2, err: /--slo is missing; .*wanted at least one/ })
  t.match(await ask('edge', 'tls/expired'), { code: 2, err: /PMT_ERR_FAULT_LAYER: tls\/expired is a tls fault and edge sees no TLS/ })
  t.match(await ask('edge', 'tls/expired', '--for', '1'), { code: 2, err: /at --for;/ })
  t.match(await ask('egde', 'tls/expired'), { code: 2, err: /PMT_ERR_PROXY_NOT_FOUND/ })
})
