import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { EventBus } from '../../src/kernel/events.ts'
import { Halt } from '../../src/kernel/halt.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { decodeFault } from '../../src/faults/envelope.ts'
import type { FaultSpec } from '../../src/faults/envelope.ts'
import type { Observation } from '../../src/measure/observation.ts'
import { Proxy } from '../../src/proxy/proxy.ts'
import { decodeProxy } from '../../src/proxy/spec.ts'
import type { ProxySpec } from '../../src/proxy/spec.ts'
import { createIdentitySource } from '../../src/proxy/tls/authority-source.ts'
import type { FaultView } from '../../src/proxy/view.ts'

/** A proxy on loopback, and what it observed. */
export interface TestProxy {
  proxy: Proxy
  port: number
  /** The certificate that clients of it are to trust, where it terminates TLS with a CA of its own. */
  ca (): Promise<string>
  observations: Observation[]
  /** Adds a fault as a person would write it; returns its id. */
  fault (spec: FaultSpec): FaultView
  /** Waits until no connection is open; fails the test if that takes more than 10 s. */
  quiet (): Promise<void>
  /** Waits until `n` observations were made. */
  observed (n: number): Promise<Observation[]>
}

/**
 * Starts a proxy. When the test is over it is stopped, and no connection, and none counted on a node, may be left.
 */
export async function startProxy (t: Test, spec: Partial<ProxySpec> & { upstream: ProxySpec['upstream'] }, seed = 1): Promise<TestProxy> {
  const clock = createSystemClock()
  const settings = decodeProxy({ name: 'test', listen: '127.0.0.1:0', protocol: 'http', ...spec })
  const identities = createIdentitySource({ folder: undefined, names: [] }, () => [settings], clock)
  const events = new EventBus(clock)
  const proxy = new Proxy(settings, { clock, seed, log: silentLogger, events, halt: new Halt(clock), identities })
  const observations: Observation[] = []
  proxy.recorder.subscribe({ observe: (observation) => { observations.push(observation) } })
  await proxy.start()
  t.teardown(async () => {
    await proxy.stop()
    // Too late for an assertion; what a teardown throws fails the test as well.
    const left = JSON.stringify([proxy.connectionViews(), proxy.upstream.nodes.map((node) => node.connections)])
    if (left !== JSON.stringify([[], proxy.upstream.nodes.map(() => 0)])) throw new Error(`connections are left: ${left}`)
  })
  return {
    proxy,
    ca: async () => (await identities()).rootPem,
    port: proxy.address.port,
    observations,
    fault: (written) => proxy.addFault(decodeFault(written), { source: 'api' }),
    async quiet () {
      await eventually(() => proxy.connectionViews().length === 0, () => `open: ${JSON.stringify(proxy.connectionViews())}`)
      t.same(proxy.upstream.nodes.map((node) => node.connections), proxy.upstream.nodes.map(() => 0), 'no node counts a connection')
    },
    async observed (n) {
      await eventually(() => observations.length >= n, () => `${observations.length} of ${n} observed`)
      return observations
    }
  }
}

/** Waits for something real sockets bring about; throws after 10 s, saying what there was instead. */
export async function eventually (is: () => boolean, instead: () => string): Promise<void> {
  for (let waited = 0; !is(); waited += 5) {
    if (waited >= 10_000) throw new Error(`never came true; ${instead()}`)
    await sleep(5)
  }
}
