import { parseJsonPath } from './jsonpath-parser.ts'
import type { Condition, Operand, Path, Selector } from './jsonpath-parser.ts'
import { isObject, pythonCompare, pythonEquals } from './python.ts'
import type { Json } from './types.ts'

/**
 * All values that a path finds, in the order of the document, in the dialect of the Python package jsonpath2: a filter
 * tests the node itself and not its children, and equality is a single `=`. Throws JsonPathError for a text that is no path.
 */
export function findByJsonPath (path: string, root: Json): Json[] {
  return walk(parseJsonPath(path), root, root)
}

function walk (path: Path, root: Json, current: Json): Json[] {
  return path.reduce<Json[]>((found, { deep, selectors }) => {
    const nodes = deep ? found.flatMap(withDescendants) : found
    return nodes.flatMap((node) => selectors.flatMap((selector) => select(selector, root, node)))
  }, [current])
}

function withDescendants (node: Json): Json[] {
  return [node, ...childrenOf(node).flatMap(withDescendants)]
}

function childrenOf (node: Json): Json[] {
  return Array.isArray(node) ? node : isObject(node) ? Object.values(node) : []
}

function select (selector: Selector, root: Json, node: Json): Json[] {
  switch (selector.kind) {
    case 'wildcard': return childrenOf(node)
    case 'key': return isObject(node) && Object.hasOwn(node, selector.key) ? [node[selector.key]!] : []
    case 'index': {
      const value = Array.isArray(node) ? node.at(selector.index) : undefined
      return value === undefined ? [] : [value]
    }
    case 'slice': return Array.isArray(node) ? slice(node, selector) : []
    case 'filter': return holds(selector.condition, root, node) ? [node] : []
    case 'length': return typeof node === 'string' ? [[...node].length] : Array.isArray(node) ? [node.length] : []
    case 'keys': return isObject(node) ? [Object.keys(node)] : []
    case 'values': return isObject(node) ? [Object.values(node)] : []
  }
}

// As Python's list[start:stop:step].
interface Slice { start?: number | undefined, stop?: number | undefined, step?: number | undefined }

function slice (list: readonly Json[], { start, stop, step = 1 }: Slice): Json[] {
  const clamp = (at: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, at < 0 ? at + list.length : at))
  const taken: Json[] = []
  if (step > 0) {
    const end = clamp(stop ?? list.length, 0, list.length)
    for (let i = clamp(start ?? 0, 0, list.length); i < end; i += step) taken.push(list[i]!)
  } else if (step < 0) {
    const end = stop === undefined ? -1 : clamp(stop, -1, list.length - 1)
    for (let i = clamp(start ?? list.length - 1, -1, list.length - 1); i > end; i += step) taken.push(list[i]!)
  }
  return taken
}

function holds (condition: Condition, root: Json, node: Json): boolean {
  switch (condition.kind) {
    case 'and': return holds(condition.left, root, node) && holds(condition.right, root, node)
    case 'or': return holds(condition.left, root, node) || holds(condition.right, root, node)
    case 'not': return !holds(condition.of, root, node)
    case 'exists': return valuesOf(condition.of, root, node).length > 0
    case 'compare': {
      const right = valuesOf(condition.right, root, node)
      return valuesOf(condition.left, root, node).some((a) => right.some((b) => compare(a, condition.operator, b)))
    }
  }
}

function valuesOf (operand: Operand, root: Json, node: Json): Json[] {
  return operand.kind === 'value' ? [operand.value] : walk(operand.path, root, operand.from === '$' ? root : node)
}

function compare (a: Json, operator: string, b: Json): boolean {
  if (operator === '=') return pythonEquals(a, b)
  if (operator === '!=') return !pythonEquals(a, b)
  if (operator === 'contains') return contains(a, b)
  try {
    const order = pythonCompare(a, b)
    return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0
  } catch {
    // Values that have no order are in none.
    return false
  }
}

function contains (a: Json, b: Json): boolean {
  if (typeof a === 'string') return typeof b === 'string' && a.includes(b)
  if (Array.isArray(a)) return a.some((item) => pythonEquals(item, b))
  return isObject(a) && typeof b === 'string' && Object.hasOwn(a, b)
}
