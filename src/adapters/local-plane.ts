import type { AppliedFault, DataPlane, OpenWatch } from '../experiment/ports.ts'
import { decodeFault } from '../faults/envelope.ts'
import { compileArms } from '../faults/arms.ts'
import { emptyCounters } from '../faults/plan.ts'
import type { FaultCounters } from '../faults/plan.ts'
import type { Clock } from '../kernel/clock.ts'
import { PremortemError } from '../kernel/errors.ts'
import { Watch } from '../measure/watch.ts'
import { KEPT as DECISIONS } from '../proxy/decisions.ts'
import { delayView } from '../proxy/delays.ts'
import { isProtected } from '../proxy/protection.ts'
import type { Proxies } from '../proxy/proxies.ts'

/** How many removed faults' counters stay readable. */
const KEPT = 1000

/** What the plane needs of `Proxies`. */
export type LocalProxies = Pick<Proxies, 'get' | 'find'>

/** This process's proxies as a run sees them. */
export function createLocalPlane ({ proxies, clock }: { proxies: LocalProxies, clock: Clock }): DataPlane {
  // The counters themselves, not a copy: delays that end after the removal still count.
  const counters = new Map<string, FaultCounters>()
  const keyOf = (fault: AppliedFault): string => `${fault.on}/${fault.id}`

  return {
    async describe (name) {
      const proxy = proxies.find(name)
      if (proxy === undefined) return undefined
      const { protocol, nodes } = proxy.settings
      const guarded = isProtected(proxy.settings)
      const { recent: { rate, handshakes }, open: { connections } } = proxy.snapshot()
      const { accept: tls } = proxy.settings.tls
      const names = nodes.map((node) => node.name)
      return { name, protocol, nodes: names, guarded, rate, tls, handshakeRate: handshakes.rate, connections }
    },

    async apply (on, fault, lease) {
      const proxy = proxies.get(on)
      const decoded = decodeFault(fault)
      await proxy.prepareFault(decoded)
      const view = proxy.addFault(decoded, { source: 'run', ...lease })
      const applied = { on, id: view.id, revision: view.revision }
      counters.delete(keyOf(applied))
      counters.set(keyOf(applied), proxy.plan.find(view.id)?.counters ?? view.counters)
      if (counters.size > KEPT) counters.delete(counters.keys().next().value!)
      return applied
    },

    async renew (fault, ttl) {
      proxies.get(fault.on).renewFault(fault.id, ttl)
    },

    async change (fault, patch) {
      const proxy = proxies.get(fault.on)
      const { spec } = proxy.fault(fault.id)
      await proxy.prepareFault(decodeFault({ ...spec, ...patch }))
      proxy.changeFault(fault.id, { ...patch })
    },

    async remove (fault) {
      try {
        proxies.find(fault.on)?.removeFault(fault.id)
      } catch (error) {
        if (!(error instanceof PremortemError && error.code === 'PMT_ERR_FAULT_NOT_FOUND')) throw error
      }
    },

    async figures (fault) {
      const found = counters.get(keyOf(fault)) ?? emptyCounters()
      return { counters: structuredClone(found), delays: delayView(found) }
    },

    async decisions ({ on, id }) {
      const { complete, decisions } = proxies.get(on).decisionList({ fault: id, limit: DECISIONS })
      return {
        complete,
        decisions: decisions.map(({ method, path, connection, faults: [met] }) => ({ method, path, connection, hit: met!.hit }))
      }
    },

    residue: async ({ on, id }) => proxies.find(on)?.residue(id) ?? { active: false, held: 0 },

    watch: async (at, objectives, rules) => openWatch(proxies, clock, at, new Watch(objectives, compileArms(rules)))
  }
}

function openWatch (proxies: LocalProxies, clock: Clock, at: string, watch: Watch): OpenWatch {
  let proxy = proxies.get(at)
  let unsubscribe = proxy.recorder.subscribe(watch)
  let begun = Infinity

  // A proxy that was replaced has another recorder; of one that was removed, the counts so far remain.
  const current = (): typeof proxy => {
    const found = proxies.find(at)
    if (found !== undefined && found !== proxy) {
      unsubscribe()
      proxy = found
      unsubscribe = proxy.recorder.subscribe(watch)
    }
    return proxy
  }

  return {
    async mark (phase) {
      const now = clock.now()
      begun = Math.min(begun, now)
      current()
      watch.mark(phase, now)
    },
    async read (options = {}) {
      const at = current()
      return options.final === true ? watch.read(at.openExchanges(), at.openHandshakes()) : watch.read()
    },
    open: async () => current().openExchanges().filter(({ startedAt }) => startedAt >= begun).length,
    close: async () => unsubscribe()
  }
}
