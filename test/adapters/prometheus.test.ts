import { test } from 'tap'
import { createMetrics } from '../../src/adapters/prometheus.ts'
import type { ScrapedProxy } from '../../src/adapters/prometheus.ts'
import type { RunView } from '../../src/experiment/runs.ts'
import { Halt } from '../../src/kernel/halt.ts'
import type { Outcome } from '../../src/measure/observation.ts'
import { NO_FAULTS } from '../../src/measure/observation.ts'
import { Recorder } from '../../src/measure/recorder.ts'
import type { ConnectionView, FaultView } from '../../src/proxy/view.ts'
import { handshake } from '../helpers/observation.ts'
import { createVirtualClock } from '../helpers/clock.ts'

function createFakeProxy (name: string) {
  let recorder = new Recorder('exchange')
  const open: Pick<ConnectionView, 'bytesIn' | 'bytesToNode' | 'bytesFromNode' | 'bytesOut'>[] = []
  let preFault: number | undefined
  const faults: Pick<FaultView, 'id' | 'type' | 'counters'>[] = []
  const base = { at: name, node: 'a', startedAt: 0, method: '', path: '', faults: NO_FAULTS }
  const proxy = {
    name,
    settings: { nodes: [{ host: 'redis', port: 6379 }, { host: '::1', port: 1 }] },
    address: { host: '127.0.0.1', port: 8666 },
    get recorder () { return recorder },
    snapshot: () => ({
      totals: structuredClone(recorder.totals),
      open: { connections: open.length, exchanges: 0 },
      ...preFault === undefined ? {} : { tls: { preFault } }
    }),
    faultViews: () => faults,
    connectionViews: () => open
  } as unknown as ScrapedProxy
  return {
    proxy,
    open,
    faults,
    setPreFault (n: number) { preFault = n },
    restart () { recorder = new Recorder('exchange') },
    exchange: (status: number, ms: number, outcome: Outcome = 'complete') => recorder.observe({ ...base, kind: 'exchange', endedAt: ms, outcome, status, bytesIn: 1, bytesOut: 1 }),
    connection: (bytesIn: number, bytesToNode: number, bytesFromNode: number, bytesOut: number) =>
      recorder.observe({ ...base, kind: 'connection', endedAt: 1, outcome: 'complete', status: 0, bytesIn, bytesToNode, bytesFromNode, bytesOut })
  }
}

function setup () {
  const proxies: ScrapedProxy[] = []
  const halt = new Halt(createVirtualClock())
  let runs: Pick<RunView, 'id' | 'outcome'>[] = []
  const metrics = createMetrics({
    proxies: { list: () => proxies },
    runs: { list: () => runs as RunView[] },
    halt,
    lag: () => ({ p50: 1, p99: 20, max: 300 }),
    version: '1.2.3'
  })
  /** The samples of one scrape, but for those of the process. */
  const scrape = async (): Promise<Record<string, number>> => Object.fromEntries((await metrics.text()).split('\n')
    .filter((line) => /^(premortem|toxiproxy)_/.test(line)).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
  return { metrics, proxies, halt, scrape, setRuns: (next: typeof runs) => { runs = next } }
}

const fault = (id: string, type: string, eligible: number, injected: number) => ({ id, type, counters: { eligible, injected } as FaultView['counters'] })

test('what a proxy did, in base units', async (t) => {
  const { proxies, scrape } = setup()
  const edge = createFakeProxy('edge')
  proxies.push(edge.proxy)
  edge.exchange(200, 4)
  edge.exchange(204, 5)
  edge.exchange(503, 120)
  edge.exchange(0, 60_000, 'reset')
  edge.connection(100, 90, 3000, 2000)
  edge.open.push({ bytesIn: 10, bytesToNode: 5, bytesFromNode: 30, bytesOut: 20 })
  t.match(await scrape(), {
    'premortem_proxy_exchanges_total{proxy="edge",status_class="2xx"}': 2,
    'premortem_proxy_exchanges_total{proxy="edge",status_class="5xx"}': 1,
    'premortem_proxy_exchanges_total{proxy="edge",status_class="none"}': 1,
    'premortem_proxy_exchanges_total{proxy="edge",status_class="4xx"}': 0,
    'premortem_proxy_outcomes_total{proxy="edge",outcome="complete"}': 3,
    'premortem_proxy_outcomes_total{proxy="edge",outcome="reset"}': 1,
    'premortem_proxy_connections_total{proxy="edge"}': 2,
    'premortem_proxy_connections{proxy="edge"}': 1,
    'premortem_proxy_bytes_total{proxy="edge",direction="in"}': 110,
    'premortem_proxy_bytes_total{proxy="edge",direction="out"}': 2020,
    'toxiproxy_proxy_received_bytes_total{direction="upstream",proxy="edge",listener="127.0.0.1:8666",upstream="redis:6379,[::1]:1"}': 110,
    'toxiproxy_proxy_received_bytes_total{direction="downstream",proxy="edge",listener="127.0.0.1:8666",upstream="redis:6379,[::1]:1"}': 3030,
    'toxiproxy_proxy_sent_bytes_total{direction="upstream",proxy="edge",listener="127.0.0.1:8666",upstream="redis:6379,[::1]:1"}': 95,
    'toxiproxy_proxy_sent_bytes_total{direction="downstream",proxy="edge",listener="127.0.0.1:8666",upstream="redis:6379,[::1]:1"}': 2020,
    'premortem_proxy_latency_seconds_bucket{proxy="edge",le="0.0025"}': 0,
    'premortem_proxy_latency_seconds_bucket{proxy="edge",le="0.005"}': 2,
    'premortem_proxy_latency_seconds_bucket{proxy="edge",le="0.25"}': 3,
    'premortem_proxy_latency_seconds_bucket{proxy="edge",le="30"}': 3,
    'premortem_proxy_latency_seconds_bucket{proxy="edge",le="+Inf"}': 4,
    'premortem_proxy_latency_seconds_count{proxy="edge"}': 4,
    'premortem_proxy_latency_seconds_sum{proxy="edge"}': 60.129
  })
})

test('a counter of what lives never falls', async (t) => {
  const { proxies, scrape } = setup()
  const edge = createFakeProxy('edge')
  proxies.push(edge.proxy)
  const bytes = async () => (await scrape())['premortem_proxy_bytes_total{proxy="edge",direction="in"}']
  const accepted = async () => (await scrape())['premortem_proxy_connections_total{proxy="edge"}']
  edge.open.push({ bytesIn: 50, bytesToNode: 50, bytesFromNode: 0, bytesOut: 0 })
  t.equal(await bytes(), 50)
  edge.open.pop()
  t.equal(await bytes(), 50, 'no longer open, not yet in the totals')
  t.equal(await accepted(), 1)
  edge.connection(60, 60, 0, 0)
  t.equal(await bytes(), 60)
  t.equal(await accepted(), 1)
  edge.restart()
  t.equal(await bytes(), 0, 'another proxy of the same name counts from nothing')
})

test('faults come and go, and so do their series', async (t) => {
  const { proxies, scrape } = setup()
  const edge = createFakeProxy('edge')
  proxies.push(edge.proxy)
  edge.faults.push(fault('a', 'delay', 10, 4), fault('b', 'delay', 1, 1), fault('c', 'hang', 2, 0))
  t.match(await scrape(), {
    'premortem_fault_eligible_total{proxy="edge",fault="a",type="delay"}': 10,
    'premortem_fault_injected_total{proxy="edge",fault="a",type="delay"}': 4,
    'premortem_fault_active{proxy="edge",type="delay"}': 2,
    'premortem_fault_active{proxy="edge",type="hang"}': 1
  })
  edge.faults.splice(0, 2)
  const after = await scrape()
  t.same(Object.keys(after).filter((name) => name.startsWith('premortem_fault')), [
    'premortem_fault_eligible_total{proxy="edge",fault="c",type="hang"}', 'premortem_fault_injected_total{proxy="edge",fault="c",type="hang"}', 'premortem_fault_active{proxy="edge",type="hang"}'
  ])
  proxies.pop()
  t.same(Object.keys(await scrape()).filter((name) => name.includes('edge')), [])
})

test('the process', async (t) => {
  const { halt, scrape, metrics, setRuns } = setup()
  t.match(await scrape(), {
    'premortem_build_info{version="1.2.3"}': 1,
    premortem_halted: 0,
    'premortem_event_loop_lag_seconds{quantile="0.5"}': 0.001,
    'premortem_event_loop_lag_seconds{quantile="0.99"}': 0.02,
    'premortem_event_loop_lag_seconds{quantile="1"}': 0.3
  })
  halt.engage('x')
  t.equal((await scrape()).premortem_halted, 1)
  setRuns([{ id: '1', outcome: 'held' }, { id: '2', outcome: null }, { id: '3', outcome: 'held' }])
  t.match(await scrape(), { 'premortem_runs_total{outcome="held"}': 2 })
  setRuns([{ id: '2', outcome: 'breached' }])
  t.match(await scrape(), { 'premortem_runs_total{outcome="held"}': 2, 'premortem_runs_total{outcome="breached"}': 1 }, 'runs forgotten by the registry still count')
  const text = await metrics.text()
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']) t.match(text, `# TYPE ${name} `)
  t.match(text, '# TYPE premortem_proxy_latency_seconds histogram\n')
})

test('two may scrape at once', async (t) => {
  const { metrics, proxies } = setup()
  const edge = createFakeProxy('edge')
  proxies.push(edge.proxy)
  edge.exchange(200, 4)
  const samples = (text: string) => text.split('\n').filter((line) => line.startsWith('premortem_'))
  const [first, second] = await Promise.all([metrics.text(), metrics.text()])
  t.same(samples(first), samples(second))
  t.ok(samples(first).length > 20)
})

test('handshakes by what came of them, and connections of before the fault, where TLS is seen', async (t) => {
  const { proxies, scrape } = setup()
  const [bank, edge] = [createFakeProxy('bank'), createFakeProxy('edge')]
  proxies.push(bank.proxy, edge.proxy)
  for (const seen of [handshake(0), handshake(0), handshake(0, 'established', { resumed: true }), handshake(0, 'alert:certificate_expired', { version: '' })]) {
    bank.proxy.recorder.observe(seen)
  }
  bank.setPreFault(3)
  const samples = await scrape()
  t.strictSame(Object.fromEntries(Object.entries(samples).filter(([name]) => name.startsWith('premortem_tls_'))), {
    'premortem_tls_handshakes_total{proxy="bank",result="established",resumed="false",version="TLSv1.3"}': 2,
    'premortem_tls_handshakes_total{proxy="bank",result="established",resumed="true",version="TLSv1.3"}': 1,
    'premortem_tls_handshakes_total{proxy="bank",result="alert:certificate_expired",resumed="false",version="unknown"}': 1,
    'premortem_tls_pre_fault_connections{proxy="bank"}': 3
  })
  t.equal(samples['premortem_proxy_latency_seconds_count{proxy="bank"}'], 0)
})
