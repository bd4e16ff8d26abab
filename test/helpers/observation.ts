import { NO_FAULTS } from '../../src/measure/observation.ts'
import type { HandshakeResult, Observation, ObservedHandshake } from '../../src/measure/observation.ts'

/** A good exchange of 10 ms that starts at `startedAt`; `ms` is how long it takes where that matters. */
export function observation (startedAt: number, change: Partial<Observation> & { ms?: number } = {}): Observation {
  const { ms = 10, ...rest } = change
  return {
    at: 'edge',
    kind: 'exchange',
    node: 'a',
    startedAt,
    endedAt: startedAt + ms,
    outcome: 'complete',
    method: 'GET',
    path: '/',
    status: 200,
    bytesIn: 100,
    bytesOut: 1000,
    faults: NO_FAULTS,
    ...rest
  }
}

/** A handshake of 5 ms that begins at `startedAt`. */
export function handshake (startedAt: number, result: HandshakeResult = 'established', change: Partial<ObservedHandshake> = {}): Observation {
  const outcome = result === 'established' ? 'complete' : 'refused'
  return observation(startedAt, {
    kind: 'handshake', ms: 5, outcome, status: 0, handshake: { result, version: 'TLSv1.3', resumed: false, sni: 'bank.test', ...change }
  })
}
