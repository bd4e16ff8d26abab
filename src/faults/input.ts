import type { Static, TOptional, TProperties, TSchema } from 'typebox'
import type { Defaulted } from '../kernel/schema.ts'
import type { KnownType } from './catalogue.ts'
import type { FaultSpec } from './envelope.ts'
import type { Match } from './match.ts'

/** A fault as TypeScript writes it: the fields of every fault, and the parameters of its type, which `type` tells. */
export type FaultInput = KnownType extends infer T ? T extends KnownType ? InputOf<T> : never : never

type InputOf<T extends KnownType> = { type: T['type'] } & Written<T['params']['properties']> & Fields & ByLayer[T['layer']]

/** What may be left out: what has a default, and what is optional. */
type Left<P extends TProperties> = {
  [K in keyof P]: P[K] extends TOptional<TSchema> | Defaulted<TSchema> ? K : never
}[keyof P]

type Written<P extends TProperties> = { [K in Exclude<keyof P, Left<P>>]: Static<P[K]> } & { [K in Left<P>]?: Static<P[K]> }

/** The fields of every layer; the specification also takes any other key, which is left out here. */
type Fields = Pick<FaultSpec, 'id' | 'on' | 'node' | 'share' | 'by' | 'select' | 'max' | 'replay' | 'existing' | 'mode' | 'ttl' | 'seed'>

interface ByLayer {
  stream: Pick<FaultSpec, 'direction'> & { match?: Pick<Match, 'client'> }
  http: { match?: Omit<Match, 'sni'> }
  tls: { match?: Pick<Match, 'client' | 'sni'> }
}
