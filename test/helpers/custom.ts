import { decodeFault } from '../../src/faults/envelope.ts'
import type { Fault, FaultSpec } from '../../src/faults/envelope.ts'
import { defineHttpFault, defineStreamFault } from '../../src/faults/fault.ts'
import type { Direction, HttpBehaviour, StreamBehaviour } from '../../src/faults/fault.ts'
import { Strict } from '../../src/kernel/schema.ts'

const doc = { summary: 'Made for a test.', example: {}, seen: { curl: '', node: '' }, limits: '' }

/** An http fault that does what a test says, with the rest of the envelope as a person would write it. */
export function customHttp (behaviour: HttpBehaviour, envelope: Omit<FaultSpec, 'type'> = {}): Fault {
  const type = defineHttpFault({ type: 'custom', params: Strict({}), doc, begin: () => behaviour })
  // A fault that acts on both sides, so that any match goes with it.
  return { ...decodeFault({ type: 'delay', delay: 0, at: 'response', ...envelope }), type, params: {} }
}

/** The same on the byte stream; `begin` is called for each connection it hits. */
export function customStream (begin: () => StreamBehaviour, direction: Direction | 'both' = 'downstream', envelope: Omit<FaultSpec, 'type'> = {}): Fault {
  const type = defineStreamFault({ type: 'custom', direction, params: Strict({}), doc, begin })
  return { ...decodeFault({ type: 'refuse', direction, existing: 'affect', ...envelope }), type }
}
