import { Type } from 'typebox'
import type { Static, TSchema, TUnsafe } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'

const components: TSchema[] = []

/**
 * Names a schema for OpenAPI and holds it to the plain view `V` that the code answers with: it does not compile
 * when one of them has a field that the other lacks.
 */
export function component<V> (id: string) {
  return <T extends TSchema>(schema: Static<T> extends V ? V extends Static<T> ? T : never : never): TUnsafe<V> => {
    const named = { ...(schema as TSchema), $id: id } as unknown as TUnsafe<V>
    components.push(named)
    return named
  }
}

/** Every schema named so far, for fastify to know them by their names. */
export const allComponents = (): readonly TSchema[] => components

/** Where a named schema is used: a reference in OpenAPI, the view in TypeScript. */
export function ref<V> (schema: TUnsafe<V>): TUnsafe<V> {
  return Type.Unsafe<V>({ $ref: `${(schema as unknown as { $id: string }).$id}#` })
}

/** Schema of what may be null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Schema of how many. */
export const count = (description = 'how many') => Type.Integer({ minimum: 0, description })

/** Schema of a time in milliseconds. */
export const ms = (description: string) => Type.Number({ description: `${description}, in milliseconds` })

/** Schema of a moment: ISO 8601, as JSON has it. */
export const Moment = (description: string) => Type.String({ format: 'date-time', description })

/** Schema of a whole number in a query string; decodes to the number. */
export const WholeNumber = (lowest: number, highest: number, description: string) => {
  const wanted = `a whole number from ${lowest} to ${highest}`
  return Type.Codec(Type.Union([
    Type.Integer({ minimum: lowest, maximum: highest }), Type.String({ pattern: '^\\d{1,10}$' })
  ], { wanted, description })).Decode((found) => {
    const number = Number(found)
    if (number < lowest || number > highest) throw new PremortemError('PMT_ERR_INVALID', { found: number, wanted })
    return number
  }).Encode((number) => number)
}

/**
 * A request's schema as its sender sees it: what has a default may be left out. (`decode` fills defaults in before it
 * checks, so a schema may still require them.)
 */
export function asSent (schema: TSchema): TSchema {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk)
    if (typeof node !== 'object' || node === null) return node
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]))
    const { required, properties } = copy as { required?: unknown, properties?: Record<string, object> }
    if (!Array.isArray(required) || properties === undefined) return copy
    const left = required.filter((key: string) => !('default' in (properties[key] ?? {})))
    const { required: _, ...rest } = copy
    return left.length === 0 ? rest : { ...rest, required: left }
  }
  return walk(schema) as TSchema
}

const documents = new WeakSet<TSchema>()

/**
 * Schema of a body that is a document with a decoder of its own (a proxy, a fault, an experiment): it stands in OpenAPI,
 * and the handler gets the body as it was written.
 */
export function written (schema: TSchema): TUnsafe<unknown> {
  documents.add(schema)
  return schema as unknown as TUnsafe<unknown>
}

/** Whether a schema was made by `written`. */
export const isWritten = (schema: TSchema): boolean => documents.has(schema)
