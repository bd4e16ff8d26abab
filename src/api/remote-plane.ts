import type { Sidecar } from '../config/schema.ts'
import type { AppliedFault, DataPlane, FaultFigures } from '../experiment/ports.ts'
import { emptyCounters } from '../faults/plan.ts'
import { PremortemError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'
import type { FaultView } from '../proxy/view.ts'
import { ControlClient } from './client.ts'

/** How many faults' last figures stay readable. */
const KEPT = 1000

/** The proxies of another sidecar as a run sees them, by their names there. */
export function createRemotePlane (sidecar: Sidecar): DataPlane {
  const client = new ControlClient(sidecar.url, { token: sidecar.token })
  const last = new Map<string, FaultFigures>()
  const keyOf = (fault: AppliedFault): string => `${fault.on}/${fault.id}`

  const remember = (fault: AppliedFault, view: FaultView): FaultFigures => {
    const { share: _, ...counters } = view.counters
    const figures = { counters, delays: view.delays }
    last.delete(keyOf(fault))
    last.set(keyOf(fault), figures)
    if (last.size > KEPT) last.delete(last.keys().next().value!)
    return figures
  }

  // Whoever reads this knows the sidecar, not its control address.
  const ask = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (!isCode(error, 'PMT_ERR_CONTROL_UNREACHABLE')) throw error
      throw new PremortemError('PMT_ERR_SIDECAR_UNREACHABLE', { message: `the sidecar ${sidecar.name} does not answer: ${(error as Error).message}`, found: sidecar.url, cause: error })
    }
  }

  return {
    async describe (name) {
      try {
        const [proxy, snapshot] = await ask(Promise.all([client.proxy(name), client.snapshot(name)]))
        return {
          name,
          protocol: proxy.protocol,
          nodes: proxy.upstream.map((node) => node.name),
          guarded: proxy.never.length > 0 || proxy.tagged !== null,
          rate: snapshot.recent.rate,
          tls: proxy.tls.accept,
          handshakeRate: snapshot.recent.handshakes.rate,
          connections: snapshot.open.connections
        }
      } catch (error) {
        if (isCode(error, 'PMT_ERR_PROXY_NOT_FOUND')) return undefined
        throw error
      }
    },

    async apply (on, { on: _, ...fault }, { ttl, run, seed }) {
      const written = { seed, ...fault, ttl: Number.isFinite(ttl) ? ttl : 'never' }
      const view = await ask(client.addFault(on, written, { run }))
      const applied = { on, id: view.id, revision: view.revision }
      remember(applied, view)
      return applied
    },

    async renew (fault, ttl) {
      remember(fault, await ask(client.renewFault(fault.on, fault.id, ttl)))
    },

    async change (fault, patch) {
      remember(fault, await ask(client.changeFault(fault.on, fault.id, { ...patch })))
    },

    async remove (fault) {
      try {
        remember(fault, await ask(client.removeFault(fault.on, fault.id)))
      } catch (error) {
        if (!isCode(error, 'PMT_ERR_FAULT_NOT_FOUND') && !isCode(error, 'PMT_ERR_PROXY_NOT_FOUND')) throw error
      }
    },

    async figures (fault) {
      try {
        return remember(fault, await ask(client.fault(fault.on, fault.id)))
      } catch (error) {
        if (isCode(error, 'PMT_ERR_FAULT_NOT_FOUND') || isCode(error, 'PMT_ERR_PROXY_NOT_FOUND')) return last.get(keyOf(fault)) ?? { counters: emptyCounters(), delays: null }
        throw error
      }
    },

    async decisions (fault) {
      const { complete, decisions } = await ask(client.decisions(fault.on, { fault: fault.id, limit: 1000 }))
      return {
        complete,
        decisions: decisions.map(({ method, path, connection, faults: [met] }) => ({ method, path, connection, hit: met!.hit }))
      }
    },

    async residue (fault) {
      try {
        return await ask(client.residue(fault.on, fault.id))
      } catch (error) {
        if (isCode(error, 'PMT_ERR_PROXY_NOT_FOUND')) return { active: false, held: 0 }
        throw error
      }
    },

    async watch (at, objectives, rules) {
      const { id } = await ask(client.openWatch(at, objectives.map((objective) => objective.text), rules))
      return {
        mark: async (phase) => { await ask(client.markPhase(id, phase)) },
        read: async (options) => (await ask(client.readWatch(id, options))).reading,
        open: async () => (await ask(client.readWatch(id))).open,
        async close () {
          try {
            await ask(client.closeWatch(id))
          } catch (error) {
            if (!isCode(error, 'PMT_ERR_WATCH_NOT_FOUND')) throw error
          }
        }
      }
    }
  }
}

/** A plane that finds `name/proxy` in the sidecar of that name, and every other name in `local`. */
export function createFleetPlane (local: DataPlane, sidecars: readonly Sidecar[], connect = createRemotePlane): DataPlane {
  const remotes = new Map(sidecars.map((sidecar) => [sidecar.name, connect(sidecar)]))

  const route = (name: string): { plane: DataPlane, proxy: string } => {
    const slash = name.indexOf('/')
    if (slash === -1) return { plane: local, proxy: name }
    const plane = remotes.get(name.slice(0, slash))
    if (plane !== undefined) return { plane, proxy: name.slice(slash + 1) }
    throw new PremortemError('PMT_ERR_SIDECAR_NOT_FOUND', {
      found: name, wanted: remotes.size === 0 ? 'no sidecars are configured' : `one of ${[...remotes.keys()].join(', ')} before the slash`
    })
  }
  const routed = (fault: AppliedFault): [DataPlane, AppliedFault] => {
    const { plane, proxy } = route(fault.on)
    return [plane, { ...fault, on: proxy }]
  }

  return {
    async describe (name) {
      const { plane, proxy } = route(name)
      const info = await plane.describe(proxy)
      return info === undefined ? undefined : { ...info, name }
    },
    async apply (on, fault, lease) {
      const { plane, proxy } = route(on)
      return { ...await plane.apply(proxy, fault, lease), on }
    },
    async renew (fault, ttl) {
      const [plane, there] = routed(fault)
      await plane.renew(there, ttl)
    },
    async change (fault, patch) {
      const [plane, there] = routed(fault)
      await plane.change(there, patch)
    },
    async remove (fault) {
      const [plane, there] = routed(fault)
      await plane.remove(there)
    },
    async figures (fault) {
      const [plane, there] = routed(fault)
      return plane.figures(there)
    },
    async decisions (fault) {
      const [plane, there] = routed(fault)
      return plane.decisions(there)
    },
    async residue (fault) {
      const [plane, there] = routed(fault)
      return plane.residue(there)
    },
    async watch (at, objectives, rules) {
      const { plane, proxy } = route(at)
      return plane.watch(proxy, objectives, rules)
    }
  }
}

function isCode (error: unknown, code: ErrorCode): boolean {
  return error instanceof PremortemError && error.code === code
}
