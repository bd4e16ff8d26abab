import { Type } from 'typebox'
import type { TString } from 'typebox'
import { Strict } from '../../kernel/schema.ts'

/** The groups of the API's documentation. */
export const TAGS = {
  proxies: 'Listeners in front of upstreams, their connections and figures',
  faults: 'What is injected, and what could be',
  experiments: 'Timed runs and their verdicts',
  control: 'The panic lever, state, events',
  sidecars: 'Other sidecars, and counting on their behalf',
  tls: 'The CA of the certificates that premortem makes',
  health: 'For orchestrators and Prometheus'
} as const

/** What documentation says of a route. */
export function about (operationId: string, tag: keyof typeof TAGS, summary: string, description?: string) {
  return { operationId, tags: [tag], summary, ...(description === undefined ? {} : { description }) }
}

/** Schema of path parameters, all of them text. */
export const Params = <const K extends string>(...names: K[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.String({ minLength: 1 })])) as Record<K, TString>)

/** Schema of an answer without a body. */
export const Nothing = Type.Null({ description: 'done' })

/** Schema of an answer of another media type than JSON. */
export const answerOf = (description: string, ...mediaTypes: string[]) => ({
  description, content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: Type.String() }]))
})

/** Schema of a body that may be left out. */
export const OptionalBody = <T extends Parameters<typeof Strict>[0]>(properties: T) => Strict(properties, { default: {} })
