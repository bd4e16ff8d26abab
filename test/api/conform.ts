import { Check } from 'typebox/value'
import type { TSchema } from 'typebox'
import '../../src/api/schemas/decision.ts'
import '../../src/api/schemas/error.ts'
import '../../src/api/schemas/history.ts'
import '../../src/api/schemas/schedule.ts'
import { allComponents } from '../../src/api/schemas/schema.ts'
// Brings in every other file of schemas.
import '../../src/api/schemas/state.ts'

/** Whether a value is what a named schema of the API says, references included. */
export function conforms (name: string, value: unknown): boolean {
  const find = (id: string): TSchema => allComponents().find((schema) => (schema as { $id?: string }).$id === id)!
  return Check(resolve(find(name), find) as TSchema, value)
}

function resolve (node: unknown, find: (id: string) => TSchema): unknown {
  if (Array.isArray(node)) return node.map((item) => resolve(item, find))
  if (typeof node !== 'object' || node === null) return node
  const to = (node as { $ref?: string }).$ref
  if (to !== undefined) return resolve(find(to.replace('#', '')), find)
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== '$id').map(([key, value]) => [key, resolve(value, find)]))
}
