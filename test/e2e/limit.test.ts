import { createServer, get } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { RunResult } from '../../src/experiment/result.ts'
import { Premortem } from '../../src/premortem.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { cli } from '../cli/harness.ts'

async function serve (t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => { server.close(resolve) })
  })
  return (server.address() as AddressInfo).port
}

test('a service that gives up on a dependency after 150 ms breaks there', { timeout: 60_000 }, async (t) => {
  const dependency = await serve(t, (_, response) => response.end('ok'))
  let dep = 0
  const service = await serve(t, (_, response) => {
    const call = get({ host: '127.0.0.1', port: dep, agent: false }, (answer) => { answer.resume().on('end', () => response.end('ok')) })
    const patience = setTimeout(() => call.destroy(new Error('too slow')), 150)
    call.on('error', () => response.writeHead(504).end()).on('close', () => clearTimeout(patience))
  })
  const premortem = new Premortem(decodeConfig({
    control: { listen: '127.0.0.1:0' },
    data: join(t.testdir(), 'data'),
    proxies: [
      { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${service}` },
      { name: 'dep', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${dependency}` }
    ]
  }, () => 'unused'))
  t.teardown(() => premortem.stop())
  await premortem.start()
  dep = premortem.proxies.get('dep').address.port
  const url = `http://127.0.0.1:${premortem.proxies.get('edge').address.port}/`

  const { code, out, err } = await cli([
    'limit', 'dep', 'delay', 'delay=0..240ms', '--slo', 'success>=90%', '--at', 'edge', '--load', url, '--rate', '60/s', '--at-least', '60ms',
    '--resolution', '130ms', '--settle', '500ms', '--warmup', '2s', '--baseline', '2s', '--recovery', '2s', '--seed', '1', '--json', '--control', premortem.controlUrl!
  ])
  t.equal(err, '')
  const { limit, faults, outcome, reasons, lag } = JSON.parse(out) as RunResult
  // Where the machine has no time for it, the service is slower than it would be.
  const told = `${outcome}: ${reasons.join('; ')}; p99 of the lag ${lag.p99} ms`
  t.ok(outcome === 'held' || lag.p99 > 20, told)
  t.match(faults, [{ removed: true, fault: { type: 'delay', on: 'dep' } }])
  t.same(premortem.proxies.get('dep').faultViews(), [])
  if (outcome !== 'held') return
  t.equal(code, 0)
  t.ok(limit!.held! >= 60 && limit!.held! < 150 && limit!.breached! > 120 && limit!.breached! <= 240, told)
  t.ok(limit!.levels.every(({ hits }) => hits > 0))
})
