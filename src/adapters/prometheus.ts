import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { Metric } from 'prom-client'
import type { Runs } from '../experiment/runs.ts'
import type { LoopLag } from '../kernel/clock.ts'
import type { Halt } from '../kernel/halt.ts'
import { LATENCY_BOUNDS } from '../measure/recorder.ts'
import type { Snapshot } from '../measure/snapshot.ts'
import type { Proxy } from '../proxy/proxy.ts'
import { formatAddress } from '../proxy/spec.ts'
import { upstreamOf } from '../proxy/toxiproxy.ts'

/** What the metrics are made of. `lag` is the event-loop lag since the last call, from a meter nobody else reads. */
export interface MetricsSources {
  proxies: { list (): readonly ScrapedProxy[] }
  runs: Pick<Runs, 'list'>
  halt: Halt
  lag: () => LoopLag
  version: string
}

/** What a scrape reads of a proxy. */
export type ScrapedProxy = Pick<Proxy, 'name' | 'settings' | 'address' | 'recorder' | 'snapshot' | 'faultViews' | 'connectionViews'>

/** Metrics in Prometheus' text format. */
export interface Metrics { readonly contentType: string, text (): Promise<string> }

const BYTES = ['bytesIn', 'bytesToNode', 'bytesFromNode', 'bytesOut'] as const

type Bytes = Record<typeof BYTES[number], number>

interface Scrape { proxy: ScrapedProxy, snapshot: Snapshot, bytes: Bytes, accepted: number }

/**
 * The metrics of this process. They are computed from snapshots when somebody scrapes, so the traffic pays nothing, and
 * every scrape starts from nothing: the series of what is gone go with it.
 */
export function createMetrics ({ proxies, runs, halt, lag, version }: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const countRuns = createRunCount(runs)
  const highest = new WeakMap<object, Map<string, number>>()
  let scrape: Scrape[] = []

  // An ended connection moves from the open ones to the totals; between the two a sum may dip, a counter must not.
  const rising = (proxy: ScrapedProxy, key: string, value: number): number => {
    let known = highest.get(proxy.recorder)
    if (known === undefined) highest.set(proxy.recorder, known = new Map())
    const most = Math.max(value, known.get(key) ?? 0)
    known.set(key, most)
    return most
  }

  const look = (proxy: ScrapedProxy): Scrape => {
    const snapshot = proxy.snapshot()
    const open = proxy.connectionViews()
    const { totals } = snapshot
    return {
      proxy,
      snapshot,
      bytes: Object.fromEntries(BYTES.map((key) =>
        [key, rising(proxy, key, open.reduce((sum, connection) => sum + connection[key], totals[key]))])) as Bytes,
      accepted: rising(proxy, 'accepted', totals.connections + open.length)
    }
  }

  type Set = (labels: Record<string, string>, value: number) => void
  const counter = (name: string, help: string, labelNames: string[], each: (set: Set) => void): void => {
    const metric: Counter = new Counter({
      name, help, labelNames, registers, collect () { metric.reset(); each((labels, value) => metric.inc(labels, value)) }
    })
  }
  const gauge = (name: string, help: string, labelNames: string[], each: (set: Set) => void): void => {
    const metric: Gauge = new Gauge({
      name, help, labelNames, registers, collect () { metric.reset(); each((labels, value) => metric.set(labels, value)) }
    })
  }
  const eachProxy = (set: (scrape: Scrape, name: string) => void): void => {
    for (const found of scrape) set(found, found.proxy.name)
  }
  const eachFault = (set: (labels: Record<'proxy' | 'fault' | 'type', string>, counters: { eligible: number, injected: number }) => void): void => {
    eachProxy(({ proxy }, name) => {
      for (const { id, type, counters } of proxy.faultViews()) set({ proxy: name, fault: id, type }, counters)
    })
  }

  gauge('premortem_build_info', 'Always 1; the version is the label.', ['version'], (set) => set({ version }, 1))
  counter('premortem_proxy_exchanges_total', 'HTTP exchanges that ended, by class of their status; none is without any.', ['proxy', 'status_class'], (set) =>
    eachProxy(({ snapshot }, proxy) => {
      for (const [digit, count] of Object.entries(snapshot.totals.statuses)) set({ proxy, status_class: digit === '0' ? 'none' : `${digit}xx` }, count)
    }))
  counter('premortem_proxy_outcomes_total', 'Exchanges (http) or connections (tcp) that ended, by how they did.', ['proxy', 'outcome'], (set) =>
    eachProxy(({ snapshot }, proxy) => {
      for (const [outcome, count] of Object.entries(snapshot.totals.outcomes)) set({ proxy, outcome }, count)
    }))
  counter('premortem_proxy_connections_total', 'Connections accepted.', ['proxy'], (set) => eachProxy(({ accepted }, proxy) => set({ proxy }, accepted)))
  gauge('premortem_proxy_connections', 'Connections open.', ['proxy'], (set) => eachProxy(({ snapshot }, proxy) => set({ proxy }, snapshot.open.connections)))
  counter('premortem_proxy_bytes_total', 'Bytes carried, in from clients and out to them, open connections included.', ['proxy', 'direction'], (set) =>
    eachProxy(({ bytes: { bytesIn, bytesOut } }, proxy) => {
      set({ proxy, direction: 'in' }, bytesIn)
      set({ proxy, direction: 'out' }, bytesOut)
    }))
  // What Toxiproxy calls them, for its users' dashboards; there a connection counts when it ends.
  const byDirection = (upstream: keyof Bytes, downstream: keyof Bytes) => (set: Set): void =>
    eachProxy(({ proxy: { address, settings }, bytes }, proxy) => {
      const labels = { proxy, listener: formatAddress(address.host, address.port), upstream: upstreamOf(settings) }
      set({ direction: 'upstream', ...labels }, bytes[upstream])
      set({ direction: 'downstream', ...labels }, bytes[downstream])
    })
  const toxiproxyLabels = ['direction', 'proxy', 'listener', 'upstream']
  counter('toxiproxy_proxy_received_bytes_total', 'Bytes received, by direction: upstream from clients, downstream from the upstream.', toxiproxyLabels,
    byDirection('bytesIn', 'bytesFromNode'))
  counter('toxiproxy_proxy_sent_bytes_total', 'Bytes sent on, by direction: upstream to the upstream, downstream to clients.', toxiproxyLabels,
    byDirection('bytesToNode', 'bytesOut'))
  counter('premortem_tls_handshakes_total', 'TLS handshakes that were decided, by what came of them.', ['proxy', 'result', 'resumed', 'version'], (set) =>
    eachProxy(({ snapshot }, proxy) => {
      for (const { result, resumed, version, count } of snapshot.totals.handshakes) set({ proxy, result, resumed: String(resumed), version: version || 'unknown' }, count)
    }))
  gauge('premortem_tls_pre_fault_connections', 'Open connections whose handshake was before the certificate fault that is active.', ['proxy'], (set) =>
    eachProxy(({ snapshot: { tls } }, proxy) => {
      if (tls !== undefined) set({ proxy }, tls.preFault)
    }))
  registry.registerMetric(latencyHistogram(() => scrape))
  counter('premortem_fault_eligible_total', 'Requests or connections that an active fault could have hit.', ['proxy', 'fault', 'type'], (set) =>
    eachFault((labels, { eligible }) => set(labels, eligible)))
  counter('premortem_fault_injected_total', 'Requests or connections that an active fault has hit.', ['proxy', 'fault', 'type'], (set) =>
    eachFault((labels, { injected }) => set(labels, injected)))
  gauge('premortem_fault_active', 'Faults active, by type.', ['proxy', 'type'], (set) => {
    const active = new Map<string, { labels: Record<string, string>, count: number }>()
    eachFault(({ proxy, type }) => {
      const found = active.get(`${proxy} ${type}`)
      if (found === undefined) active.set(`${proxy} ${type}`, { labels: { proxy, type }, count: 1 })
      else found.count++
    })
    for (const { labels, count } of active.values()) set(labels, count)
  })
  gauge('premortem_halted', '1 while the panic lever is engaged.', [], (set) => set({}, halt.state === null ? 0 : 1))
  gauge('premortem_event_loop_lag_seconds', 'Event-loop lag since the last scrape; quantile 1 is the longest.', ['quantile'], (set) => {
    const { p50, p99, max } = lag()
    set({ quantile: '0.5' }, p50 / 1000)
    set({ quantile: '0.99' }, p99 / 1000)
    set({ quantile: '1' }, max / 1000)
  })
  counter('premortem_runs_total', 'Experiment runs that ended, by outcome.', ['outcome'], (set) => {
    for (const [outcome, count] of countRuns()) set({ outcome }, count)
  })
  collectDefaultMetrics({ register: registry })

  return {
    contentType: registry.contentType,
    async text () {
      scrape = proxies.list().map(look)
      const text = await registry.metrics()
      scrape = []
      return text
    }
  }
}

/** prom-client's own histogram counts observations itself; this one shows counts that the recorder has made. */
function latencyHistogram (scrape: () => readonly Scrape[]): Metric {
  const name = 'premortem_proxy_latency_seconds'
  const series = ({ proxy: { name: proxy }, snapshot: { totals: { latency } } }: Scrape): object[] => {
    let count = 0
    const buckets = latency.buckets.map((n, i) => {
      const bound = LATENCY_BOUNDS[i]
      count += n
      return { metricName: `${name}_bucket`, labels: { proxy, le: bound === undefined ? '+Inf' : bound / 1000 }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { proxy }, value: latency.sum / 1000 },
      { metricName: `${name}_count`, labels: { proxy }, value: count }
    ]
  }
  const metric = {
    name,
    help: 'How long exchanges (http) or connections (tcp) took.',
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ ...metric, values: scrape().flatMap(series) }),
    reset () {}
  }
  return metric as unknown as Metric
}

/** Counts ended runs by outcome, also those that the registry has forgotten since. */
function createRunCount (runs: Pick<Runs, 'list'>): () => Map<string, number> {
  const counts = new Map<string, number>()
  let counted = new Set<string>()
  return () => {
    const listed = runs.list().filter((run) => run.outcome !== null)
    for (const { id, outcome } of listed) {
      if (!counted.has(id)) counts.set(outcome!, (counts.get(outcome!) ?? 0) + 1)
    }
    counted = new Set(listed.map((run) => run.id))
    return counts
  }
}
