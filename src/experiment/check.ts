import type { Fault } from '../faults/envelope.ts'
import type { TlsFaultType } from '../faults/fault.ts'
import { PremortemError, toPremortemError } from '../kernel/errors.ts'
import { nearest } from '../kernel/schema.ts'
import type { Objective } from '../measure/objective.ts'
import { NOT_ALLOWED, checkSources } from './allowed.ts'
import type { Allowed } from './allowed.ts'
import type { Experiment } from './document.ts'
import type { DataPlane, ProxyInfo } from './ports.ts'

/** What an experiment names that is there, and why it cannot run: each error with its path in the document. */
export interface Checked { found: Map<string, ProxyInfo>, errors: PremortemError[] }

/**
 * Checks an experiment against the proxies there are. The errors are PMT_ERR_PROXY_NOT_FOUND, PMT_ERR_NODE_NOT_FOUND,
 * PMT_ERR_FAULT_LAYER, PMT_ERR_INVALID, PMT_ERR_PROCESS_FORBIDDEN and what the data plane throws.
 */
export async function checkExperiment (
  experiment: Experiment, plane: DataPlane, allowed: Allowed = NOT_ALLOWED
): Promise<Checked> {
  const { at, faults, load, source } = experiment
  const judged = objectivesOf(experiment)
  const named = [{ name: at, path: 'steady-state.at' }, ...faults.map((fault, i) => ({ name: fault.on!, path: `faults.${i}.on` }))]
  const errors: PremortemError[] = []
  const found = new Map<string, ProxyInfo>()
  const missing: typeof named = []
  await Promise.all(named.map(async ({ name, path }) => {
    try {
      const proxy = await plane.describe(name)
      if (proxy === undefined) missing.push({ name, path })
      else found.set(name, proxy)
    } catch (error) {
      errors.push(toPremortemError(error).at({ path }))
    }
  }))
  for (const { name, path } of missing) {
    const near = nearest(name, [...found.keys()])
    errors.push(new PremortemError('PMT_ERR_PROXY_NOT_FOUND', {
      message: `no such proxy: ${name}`, path, found: name, wanted: 'the name of a proxy', hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    }))
  }
  for (const [i, fault] of faults.entries()) {
    const proxy = found.get(fault.on!)
    if (proxy !== undefined) errors.push(...checkFault(fault, proxy, `faults.${i}`))
  }
  const duplicate = faults.findIndex((fault, i) => fault.id !== undefined &&
    faults.slice(0, i).some(({ on, id }) => on === fault.on && id === fault.id))
  if (duplicate !== -1) {
    const { on, id } = faults[duplicate]!
    errors.push(new PremortemError('PMT_ERR_FAULT_EXISTS', { message: `two faults on ${on} have one id`, path: `faults.${duplicate}.id`, found: id, wanted: 'an id for each, or none' }))
  }
  if (source === 'proxy' && found.get(at)?.protocol === 'tcp') {
    const one = judged.find(({ objective }) => objective.source === undefined && objective.threshold < Infinity)
    if (one !== undefined) {
      errors.push(new PremortemError('PMT_ERR_INVALID', {
        message: `${at} is a tcp proxy: how long a connection lives is not a latency`, path: one.path, found: one.objective.text, wanted: 'a success objective, a proxy with protocol http, or `source: load`'
      }))
    }
  }
  const seen = found.get(at)
  const shaken = judged.find(({ objective }) => objective.kind === 'handshake')
  if (shaken !== undefined && seen?.tls === 'none') {
    errors.push(new PremortemError('PMT_ERR_INVALID', {
      message: `${at} sees no TLS, so there are no handshakes to count`,
      path: shaken.path,
      found: shaken.objective.text,
      wanted: 'a proxy with `tls: passthrough` or `terminate`, or an objective on success or latency',
      hint: 'handshakes are counted by the proxy at `at`, also where a load makes them'
    }))
  }
  if (load !== undefined && !URL.canParse(load.url)) {
    errors.push(new PremortemError('PMT_ERR_INVALID', { message: 'not a URL', path: 'load.url', found: load.url, wanted: 'a URL such as http://127.0.0.1:8080/checkout' }))
  }
  errors.push(...checkSources(experiment.sources, allowed))
  return { found, errors }
}

/** Everything that is counted, with where the document says it. */
function objectivesOf ({ objectives, guardrails, budget }: Experiment): { objective: Objective, path: string }[] {
  const each = (list: readonly Objective[], path: string) => list.map((objective, i) => ({ objective, path: `${path}.${i}` }))
  return [
    ...each(objectives, 'steady-state.objectives'),
    ...each(guardrails, 'guardrails'),
    ...budget === undefined ? [] : [{ objective: budget.objective, path: 'budget.objective' }]
  ]
}

function checkFault (fault: Fault, proxy: ProxyInfo, path: string): PremortemError[] {
  const { name, protocol, nodes, guarded } = proxy
  const errors: PremortemError[] = []
  if (fault.type.layer === 'tls' && !carriesTls(fault.type.needs, proxy)) {
    errors.push(new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: proxy.tls === 'none' ? `${fault.type.type} is a tls fault and ${name} sees no TLS` : `${fault.type.type} needs the server's end of TLS, which ${name} lets pass`,
      path: `${path}.type`,
      found: fault.type.type,
      wanted: `${tlsFor(fault.type.needs, protocol)}, in the configuration of ${name}`,
      hint: 'docs/tls.md says what each takes; GET /v1/proxies shows how proxies see TLS'
    }))
  }
  if (fault.type.layer === 'http' && protocol === 'tcp') {
    errors.push(new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `${fault.type.type} is an http fault and ${name} is a tcp proxy`, path: `${path}.type`, found: fault.type.type, wanted: 'a stream fault, or a proxy with protocol http or auto'
    }))
  }
  if (fault.type.layer !== 'http' && guarded) {
    errors.push(new PremortemError('PMT_ERR_FAULT_LAYER', {
      message: `${fault.type.type} acts on whole connections and cannot spare requests, some of which ${name} protects`,
      path: `${path}.type`,
      found: fault.type.type,
      wanted: 'an http fault, or a proxy without `never` and `tagged`',
      hint: 'GET /v1/proxies shows what each protects'
    }))
  }
  if (fault.node !== undefined && !nodes.includes(fault.node)) {
    const near = nearest(fault.node, nodes)
    errors.push(new PremortemError('PMT_ERR_NODE_NOT_FOUND', {
      message: `${name} has no node ${fault.node}`, path: `${path}.node`, found: fault.node, wanted: `one of ${nodes.join(', ')}`, hint: near === undefined ? undefined : `did you mean \`${near}\`?`
    }))
  }
  return errors
}

/** What to write for a proxy so that it sees as much of TLS as a fault needs. */
function tlsFor (needs: TlsFaultType['needs'], protocol: ProxyInfo['protocol']): string {
  const terminate = '`tls: { terminate: ca }`'
  if (needs !== 'peek') return terminate
  return `\`tls: passthrough\`${protocol === 'http' ? ' and `protocol: auto`' : ''}, or ${terminate}`
}

/** Whether a proxy sees as much of TLS as a fault needs. */
const carriesTls = (needs: TlsFaultType['needs'], { tls }: ProxyInfo): boolean =>
  needs === 'present' || (needs === 'peek' ? tls !== 'none' : tls === 'terminate')
