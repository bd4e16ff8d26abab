import type { Json } from './types.ts'

/** What one step of a path takes of a node. */
export type Selector =
  | { kind: 'wildcard' | 'length' | 'keys' | 'values' }
  | { kind: 'key', key: string }
  | { kind: 'index', index: number }
  | { kind: 'slice', start?: number | undefined, stop?: number | undefined, step?: number | undefined }
  | { kind: 'filter', condition: Condition }

/** A path after its `$` or `@`; a deep step also looks at everything below. */
export type Path = readonly { deep: boolean, selectors: readonly Selector[] }[]

/** A side of a comparison. */
export type Operand = { kind: 'value', value: Json } | { kind: 'path', from: '$' | '@', path: Path }

/** What a filter asks of a node. */
export type Condition =
  | { kind: 'and' | 'or', left: Condition, right: Condition }
  | { kind: 'not', of: Condition }
  | { kind: 'exists', of: Operand }
  | { kind: 'compare', left: Operand, operator: string, right: Operand }

/** What is wrong with a path, and at which character, from 1. */
export class JsonPathError extends Error {
  override name = 'JsonPathError'
}

const TOKEN = /\s*(\.\.|!=|<=|>=|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[_A-Za-z][_A-Za-z0-9]*|[$@.[\]*,:?()=<>{}])/y
const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'contains']
const FUNCTIONS = ['length', 'keys', 'values'] as const
const BAREWORD = /^[_A-Za-z]/
const NUMBER = /^-?\d/

/** A path of the dialect of jsonpath2, taken apart. Throws JsonPathError. */
export function parseJsonPath (text: string): Path {
  const parser = new Parser(text)
  parser.expect('$')
  const path = parser.path()
  if (parser.next !== undefined) throw parser.error('the end')
  return path
}

class Parser {
  readonly #tokens: { text: string, at: number }[] = []
  readonly #length: number
  #i = 0

  constructor (text: string) {
    this.#length = text.length
    let at = 0
    while (text.slice(at).trim() !== '') {
      TOKEN.lastIndex = at
      const found = TOKEN.exec(text)?.[1]
      if (found === undefined) throw new JsonPathError(`\`${text}\` is no JSONPath of this dialect, from character ${at + 1} on`)
      at = TOKEN.lastIndex
      this.#tokens.push({ text: found, at: at - found.length + 1 })
    }
  }

  get next (): string | undefined { return this.#tokens[this.#i]?.text }

  error (wanted: string): JsonPathError {
    const token = this.#tokens[this.#i]
    return new JsonPathError(`${wanted} was expected at character ${token?.at ?? this.#length + 1}, found ${token === undefined ? 'the end' : `\`${token.text}\``}`)
  }

  take (): string {
    const token = this.next
    if (token === undefined) throw this.error('something')
    this.#i++
    return token
  }

  accept (token: string): boolean {
    if (this.next !== token) return false
    this.#i++
    return true
  }

  expect (token: string): void {
    if (!this.accept(token)) throw this.error(`\`${token}\``)
  }

  path (): Path {
    const steps: { deep: boolean, selectors: Selector[] }[] = []
    for (;;) {
      if (this.accept('..')) steps.push({ deep: true, selectors: this.next === '[' ? this.brackets() : [this.bareword()] })
      else if (this.accept('.')) steps.push({ deep: false, selectors: [this.bareword()] })
      else if (this.next === '[') steps.push({ deep: false, selectors: this.brackets() })
      else return steps
    }
  }

  bareword (): Selector {
    if (this.accept('*')) return { kind: 'wildcard' }
    if (this.next === undefined || !BAREWORD.test(this.next)) throw this.error('a name or `*`')
    const key = this.take()
    if (!this.accept('(')) return { kind: 'key', key }
    const kind = FUNCTIONS.find((name) => name === key)
    if (kind === undefined) throw this.error(`one of the functions ${FUNCTIONS.join(', ')}`)
    this.expect(')')
    return { kind }
  }

  brackets (): Selector[] {
    this.expect('[')
    const selectors = [this.selector()]
    while (this.accept(',')) selectors.push(this.selector())
    this.expect(']')
    return selectors
  }

  selector (): Selector {
    if (this.accept('*')) return { kind: 'wildcard' }
    if (this.accept('?')) {
      this.expect('(')
      const condition = this.and()
      this.expect(')')
      return { kind: 'filter', condition }
    }
    if (this.next?.startsWith('"') === true) return { kind: 'key', key: this.text() }
    const start = this.integer()
    if (!this.accept(':')) {
      if (start === undefined) throw this.error('a name in double quotes, an index, a slice, `*` or `?`')
      return { kind: 'index', index: start }
    }
    const stop = this.integer()
    const step = this.accept(':') ? this.integer() : undefined
    if (step === 0) throw this.error('a step other than 0')
    return { kind: 'slice', start, stop, step }
  }

  // The grammar's own quirk: `or` binds tighter than `and`.
  and (): Condition {
    const left = this.or()
    return this.accept('and') ? { kind: 'and', left, right: this.and() } : left
  }

  or (): Condition {
    const left = this.not()
    return this.accept('or') ? { kind: 'or', left, right: this.or() } : left
  }

  not (): Condition {
    if (this.accept('not')) return { kind: 'not', of: this.not() }
    if (this.accept('(')) {
      const condition = this.and()
      this.expect(')')
      return condition
    }
    if (this.next !== '$' && this.next !== '@') throw this.error('`@`, `$`, `not` or `(`')
    const left = this.operand()
    const operator = OPERATORS.find((known) => known === this.next)
    if (operator === undefined) return { kind: 'exists', of: left }
    this.take()
    return { kind: 'compare', left, operator, right: this.operand() }
  }

  operand (): Operand {
    if (this.next === '$' || this.next === '@') return { kind: 'path', from: this.take() as '$' | '@', path: this.path() }
    return { kind: 'value', value: this.value() }
  }

  value (): Json {
    if (this.next?.startsWith('"') === true) return this.text()
    if (this.next !== undefined && NUMBER.test(this.next)) return Number(this.take())
    if (this.accept('true')) return true
    if (this.accept('false')) return false
    if (this.accept('null')) return null
    if (this.accept('[')) return this.#list(']', () => this.value())
    if (this.accept('{')) return Object.fromEntries(this.#list('}', () => this.#pair()))
    throw this.error('a value (texts stand in double quotes)')
  }

  #pair (): [string, Json] {
    const key = this.text()
    this.expect(':')
    return [key, this.value()]
  }

  #list<T> (end: string, read: () => T): T[] {
    const items: T[] = []
    if (this.accept(end)) return items
    do items.push(read()); while (this.accept(','))
    this.expect(end)
    return items
  }

  text (): string {
    if (this.next?.startsWith('"') !== true) throw this.error('a text in double quotes')
    try {
      return JSON.parse(this.next) as string
    } catch {
      throw this.error('a text as JSON has it')
    } finally {
      this.#i++
    }
  }

  integer (): number | undefined {
    if (this.next === undefined || !NUMBER.test(this.next)) return undefined
    if (!/^-?\d+$/.test(this.next)) throw this.error('a whole number')
    return Number(this.take())
  }
}
