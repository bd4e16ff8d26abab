import { request } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { decodeConfig } from '../../src/config/schema.ts'
import { OWNER } from '../../src/experiment/allowed.ts'
import type { RunResult } from '../../src/experiment/result.ts'
import { Premortem } from '../../src/premortem.ts'
import { PLAIN } from '../../src/report/layout.ts'
import { renderTerminal } from '../../src/report/terminal.ts'
import { launch, until } from '../helpers/sidecar.ts'
import type { Launched } from '../helpers/sidecar.ts'
import { hasTools } from '../helpers/tools.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'

// Sources of every kind against what they are there for: a real Prometheus that scrapes premortem, a program, a page.

/** Users, a service, and what it depends on, with premortem at both places. */
async function startAll (t: Test): Promise<{ premortem: Premortem, edge: string }> {
  let [host, port] = ['', 0]
  const dependency = await startHttpUpstream(t, (_, response) => response.end('a price'))
  const service = await startHttpUpstream(t, (_, response) => {
    const call = request({ host, port, path: '/price' }, (answer) => {
      response.writeHead(answer.statusCode!).end(answer.statusCode === 200 ? 'welcome' : 'sorry')
      answer.resume()
    })
    call.on('error', () => response.writeHead(502).end('sorry')).end()
  })
  const premortem = new Premortem(decodeConfig({
    control: { listen: '127.0.0.1:0' },
    data: join(t.testdirName, 'data'),
    proxies: [
      { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: service.address },
      { name: 'dep', listen: '127.0.0.1:0', protocol: 'http', upstream: dependency.address }
    ]
  }, () => 'unused'))
  t.teardown(() => premortem.stop())
  await premortem.start();
  ({ host, port } = premortem.proxies.get('dep').address)
  return { premortem, edge: `http://127.0.0.1:${premortem.proxies.get('edge').address.port}` }
}

/** A Prometheus that scrapes a premortem each second, on a port of its own choice. Resolves when it answers. */
async function startPrometheus (t: Test, control: string): Promise<Launched & { url: string }> {
  const [file, storage] = [join(t.testdirName, 'prometheus.json'), join(t.testdirName, 'tsdb')]
  writeFileSync(file, JSON.stringify({
    global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'premortem', static_configs: [{ targets: [new URL(control).host] }] }]
  }))
  // It logs to stderr, and says there where it listens.
  const launched = launch(t, 'sh', [
    '-c', 'exec prometheus "$@" 2>&1', 'sh', `--config.file=${file}`, `--storage.tsdb.path=${storage}`, '--web.listen-address=127.0.0.1:0'
  ])
  const listening = (): string | undefined => /msg="Listening on" address=(\S+)/.exec(launched.out())?.[1]
  await until(() => {
    if (launched.child.exitCode !== null) throw new Error(`prometheus ended: ${launched.out()}`)
    return listening() !== undefined
  })
  const url = `http://${listening()!}`
  await until(async () => (await fetch(`${url}/-/ready`)).ok)
  return { ...launched, url }
}

const GOOD = 'premortem_proxy_exchanges_total{proxy="edge",status_class="2xx"}'
const TOTAL = 'premortem_proxy_exchanges_total{proxy="edge"}'

/** Waits until a query has an answer. */
async function known (prometheus: string, query: string): Promise<void> {
  await until(async () => {
    const answer = await (await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`)).json() as { data: { result: unknown[] } }
    return answer.data.result.length > 0
  })
}

test('a page, a program and a Prometheus each see that a dependency fails; without the Prometheus nobody says it held', { timeout: 60_000 }, async (t) => {
  if (!hasTools(t, 'prometheus', 'curl')) return
  t.testdir({})
  const { premortem, edge } = await startAll(t)
  const prometheus = await startPrometheus(t, premortem.controlUrl!)
  t.equal(await (await fetch(`${edge}/`)).text(), 'welcome')
  await known(prometheus.url, GOOD)
  const play = async (document: object): Promise<RunResult> => {
    const { id } = await premortem.runs.start(document, { seed: 1, allowed: OWNER })
    const result = await premortem.runs.result(id)
    t.comment(renderTerminal(result, PLAIN))
    t.match(result.faults, [{ removed: true }])
    t.same(premortem.proxies.get('dep').faultViews(), [])
    return result
  }
  const server = { prometheus: prometheus.url }
  const checkout = { ...server, good: GOOD, total: TOTAL, every: '1s' }
  const scraped = { ...server, query: 'up{job="premortem"}', expect: '== 1', every: '250ms' }
  const load = { url: `${edge}/`, rate: '50/s' }

  const hit = await play({
    title: 'What if the dependency fails?',
    'steady-state': {
      at: 'edge',
      objectives: ['login >= 80%', 'ready >= 60%', 'checkout >= 90%', 'scraped >= 50%'],
      sources: {
        login: { http: `${edge}/login`, every: '100ms', timeout: '2s', expect: { status: 200, body: 'welcome' } },
        ready: { process: ['curl', '-sf', `${edge}/ready`], every: '250ms', timeout: '2s', expect: { stdout: '^welcome$' } },
        checkout,
        scraped
      }
    },
    load,
    phases: { baseline: '3s', fault: '4s', recovery: '2s' },
    faults: [{ type: 'status', on: 'dep', status: 503 }]
  })
  t.equal(hit.outcome, 'breached', hit.reasons.join('; '))
  t.strictSame(hit.objectives.map(({ objective, counts, fault }) => [objective, counts, fault?.verdict]), [
    ['login >= 80%', 'samples', 'breached'], ['ready >= 60%', 'samples', 'breached'],
    ['checkout >= 90%', 'samples', 'breached'], ['scraped >= 50%', 'samples', 'held']
  ])
  for (const { objective, baseline } of hit.objectives) {
    // What is on its way when the fault comes may still meet it.
    t.ok(baseline!.n > 3 && baseline!.bad <= 3, `${objective} in the baseline: ${baseline!.bad} of ${baseline!.n} bad`)
  }
  const under = hit.phases.find(({ name }) => name === 'fault')!.samples!
  t.ok(under.login!.why['status 503']! > 0 && under.ready!.why['exit 22']! > 0, 'why it was bad, in words')
  t.ok(under.checkout!.n > 100, `it counts the traffic, and not the answers: ${under.checkout!.n}`)

  // When the fault is there, and before its phase begins.
  t.teardown(premortem.events.subscribe(({ type }) => { if (type === 'fault.added') prometheus.child.kill('SIGKILL') }))
  const blind = await play({
    title: 'What if nobody can tell?',
    'steady-state': { at: 'edge', objectives: ['checkout >= 90%', 'scraped >= 50%'], sources: { checkout, scraped } },
    load,
    phases: { baseline: '3s', fault: '2s', recovery: '1s' },
    faults: [{ type: 'delay', on: 'dep', delay: '1ms' }]
  })
  await prometheus.ended
  t.equal(blind.outcome, 'inconclusive', blind.reasons.join('; '))
  for (const { objective, baseline, fault } of blind.objectives) {
    t.ok(baseline!.n > 0 && baseline!.bad === 0, `${objective} was good before`)
    t.equal(fault?.verdict, 'inconclusive', objective)
  }
  for (const name of ['checkout', 'scraped']) t.ok(blind.notes.some((note) => note.startsWith(`${name} was blind under the fault`)), name)
  const fault = blind.phases.find(({ name }) => name === 'fault')!.samples!
  t.ok(fault.scraped!.missing > 0 && fault.checkout!.missing > 0, 'what is missing is counted apart')
  t.strictSame([fault.scraped!.bad, fault.checkout!.bad], [0, 0], 'and is not bad')
})
