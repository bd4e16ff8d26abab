import { Type } from 'typebox'
import { onBodies } from '../bodies.ts'
import { Default, Duration, OneOf, Strict } from '../../kernel/schema.ts'
import { defineHttpFault } from '../fault.ts'
import type { HttpAction, HttpContext } from '../fault.ts'
import { WAIT, checkWait, compileWait } from '../wait.ts'

/** Requests, or their responses, wait. */
export const delay = defineHttpFault({
  type: 'delay',
  params: Strict({
    delay: Type.Optional(Duration({ description: 'how long it waits; or `percentiles`, or `recorded`' })),
    ...WAIT,
    at: Default(OneOf(['request', 'response', 'chunk'], {
      description: '`request` waits before the upstream is called, `response` after it has answered, `chunk` at each piece of the response\'s body, as it arrives'
    }), 'request')
  }),
  doc: {
    summary: 'Makes requests wait, each on its own, before the upstream is called or after it has answered.',
    example: { type: 'delay', delay: '500ms', jitter: '50ms', match: { method: 'POST', path: '/charge/**' } },
    seen: { curl: 'a later answer; `--max-time` ends in `(28) Operation timed out`', node: 'a later answer; undici `UND_ERR_HEADERS_TIMEOUT` if it waits less long' },
    limits: 'Pipelined requests behind a delayed one wait as well, as http/1.1 demands. With `chunk`, pieces are what the upstream\'s writes became on the way, each delivered that much after it arrived; they keep their order.',
    like: [
      { tool: 'Envoy', what: '`delay` (`fixed_delay`, `percentage`) with a header match', as: { type: 'delay', delay: '5s', share: '10%', match: { header: { 'x-tenant': 'acme' } } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`delay`, target Request', as: { type: 'delay', delay: '10s', match: { path: '/api/**' } } },
      { tool: 'Chaos Mesh HTTPChaos', what: '`delay`, target Response', as: { type: 'delay', delay: '10s', at: 'response', match: { status: 200 } } },
      { tool: 'WireMock', what: '`fixedDelayMilliseconds`', as: { type: 'delay', delay: '500ms' } },
      { tool: 'WireMock', what: '`delayDistribution` lognormal (median, sigma 0.4: jitter = median * (e^sigma - 1))', as: { type: 'delay', delay: '80ms', jitter: '39ms', distribution: 'lognormal' } },
      { tool: 'WireMock', what: '`delayDistribution` uniform (lower, upper)', as: { type: 'delay', delay: '20ms', jitter: '5ms' } },
      { tool: 'xk6-disruptor', what: '`averageDelay`, `delayVariation`', as: { type: 'delay', delay: '100ms', jitter: '20ms' } },
      { tool: 'MockServer', what: '`latency`, and `degradationRampMillis`', as: { type: 'delay', delay: '500ms', shape: 'ramp', period: '2m' } }
    ]
  },
  check: (params, at) => checkWait('delay', params.delay, params, at),
  begin: (params) => {
    const wait = compileWait(params.delay, params)
    const later = (_: unknown, { random, elapsed }: HttpContext): HttpAction => ({ do: 'delay', ms: wait(random, elapsed) })
    switch (params.at) {
      case 'request': return { request: later }
      case 'response': return { response: later }
      default: return onBodies('response', (_, { random }) => ({
        do: 'body', behaviour: { chunk: (__, elapsed) => ({ do: 'delay', ms: wait(random, elapsed) }) }
      }))
    }
  }
})
