import { isObject, pythonText } from './python.ts'
import type { Json, JsonObject, Scope } from './types.ts'

const PLACE = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\})/gi
const ALONE = /^\$\{([_a-z][_a-z0-9]*)\}$/i

/** A scope in which nothing can be looked up. */
export const NO_SCOPE: Scope = { configuration: {}, secrets: {} }

/**
 * A value with every `${name}` and `$name` in its texts filled in, at any depth, by the rules of Python's `string.Template`:
 * a text that is nothing but `${name}` becomes the value itself, of whatever type; `$$` is a dollar; a name that is not
 * known stays as it is written.
 */
export function substitute (value: Json, scope: Scope): Json {
  if (typeof value === 'string') return substituteText(value, scope)
  if (Array.isArray(value)) return value.map((item) => substitute(item, scope))
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, scope)]))
  return value
}

/** Whether there is anything to look up. */
export function isEmptyScope ({ configuration, secrets }: Scope): boolean {
  return Object.keys(configuration).length === 0 && Object.keys(secrets).length === 0
}

function substituteText (text: string, scope: Scope): Json {
  const name = ALONE.exec(text)?.[1]
  if (name !== undefined) {
    const value = lookUp(name, scope)
    return value === undefined ? text : value
  }
  return text.replace(PLACE, (written: string, dollar?: string, bare?: string, braced?: string) => {
    if (dollar !== undefined) return '$'
    const value = lookUp((bare ?? braced)!, scope)
    return value === undefined ? written : pythonText(value)
  })
}

function lookUp (name: string, { configuration, secrets }: Scope): Json | undefined {
  const groups: JsonObject[] = [configuration, ...Object.values(secrets).filter(isObject)]
  return groups.find((group) => Object.hasOwn(group, name))?.[name]
}
