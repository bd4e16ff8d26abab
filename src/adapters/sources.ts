import type { StartSource } from '../experiment/ports.ts'
import type { Clock } from '../kernel/clock.ts'
import { startHttpProbe } from './http-probe.ts'
import { startProcessProbe } from './process-probe.ts'
import { createPrometheusClient } from './prometheus-query.ts'
import { startPrometheusCounters, startPrometheusQuery } from './prometheus-source.ts'

/** Starts sources of every kind. Throws PMT_ERR_INVALID for a token that is not there. */
export function createSourceStarter ({ clock }: { clock: Clock }): StartSource {
  return (spec, observer) => {
    switch (spec.type) {
      case 'http': return startHttpProbe(spec, observer, clock)
      case 'process': return startProcessProbe(spec, observer, clock)
      case 'prometheus': return 'query' in spec
        ? startPrometheusQuery(spec, observer, clock, createPrometheusClient(spec))
        : startPrometheusCounters(spec, observer, clock, createPrometheusClient(spec))
    }
  }
}
