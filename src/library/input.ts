import type { ExperimentDocument } from '../experiment/document.ts'
import type { FaultInput } from '../faults/input.ts'
import type { ProxySpec } from '../proxy/spec.ts'

/** A fault with the proxy it is on. */
export type FaultOn = FaultInput & { on: string }

/** A proxy as a test writes it: what the config file takes, but for its name; `listen` is a free port of loopback if left out. */
export type ProxyInput = Partial<Omit<ProxySpec, 'name' | 'upstream' | 'faults'>> & {
  upstream: ProxySpec['upstream']
  /** There from the start. */
  faults?: readonly FaultInput[]
}

/** An experiment as a test writes it: the document of `premortem run`. */
export type ExperimentInput = Omit<ExperimentDocument, 'load' | 'phases' | 'faults'> & {
  load?: Partial<NonNullable<ExperimentDocument['load']>> & Pick<NonNullable<ExperimentDocument['load']>, 'url' | 'rate'>
  phases: Partial<ExperimentDocument['phases']> & Pick<ExperimentDocument['phases'], 'baseline' | 'fault' | 'recovery'>
  faults: readonly FaultOn[]
}
