import fc from 'fast-check'
import { test } from 'tap'
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { PremortemError } from '../../src/kernel/errors.ts'
import {
  ByteRate, Default, Duration, LongDuration, Frequency, OneOf, Share, Size, Strict, decode, describe, fill, nearest
} from '../../src/kernel/schema.ts'

function errorOf (schema: TSchema, value: unknown, base?: string): PremortemError {
  try {
    decode(schema, value, base)
  } catch (error) {
    if (error instanceof PremortemError) return error
    throw error
  }
  throw new Error('it decodes')
}

const Person = Strict({
  name: Type.String({ minLength: 1 }),
  age: Type.Optional(Type.Integer({ minimum: 0, maximum: 150 })),
  colour: Type.Optional(OneOf(['red', 'green'])),
  wait: Duration({ default: '5s' }),
  tags: Type.Optional(Type.Array(Type.String(), { default: ['new'] }))
})

test('defaults are filled in, units decoded, and the input is left alone', async (t) => {
  const written = Object.freeze({ name: 'x', wait: '1m' })
  t.strictSame(decode(Person, written), { name: 'x', wait: 60_000, tags: ['new'] })
  t.strictSame(written, { name: 'x', wait: '1m' })
  t.strictSame(decode(Person, { name: 'x' }), { name: 'x', wait: 5000, tags: ['new'] })
  const first = decode(Person, { name: 'x' })
  first.tags!.push('changed')
  t.strictSame(decode(Person, { name: 'x' }).tags, ['new'], 'a default is not shared')
  t.strictSame(fill(Person, { name: 'x' }), { name: 'x', wait: '5s', tags: ['new'] }, 'fill does not decode')
})

test('any schema may have a default', async (t) => {
  const Cup = Strict({ sugar: Default(Type.Integer({ minimum: 0, description: 'spoons' }), 2), colour: Default(OneOf(['red', 'green']), 'red'), size: Default(OneOf([2, 4]), 4) })
  t.strictSame(decode(Cup, {}), { sugar: 2, colour: 'red', size: 4 })
  t.strictSame(decode(Cup, { sugar: 0, colour: 'green', size: 2 }), { sugar: 0, colour: 'green', size: 2 })
  t.match(Cup.properties.sugar, { minimum: 0, description: 'spoons', default: 2 })
  t.match(errorOf(Cup, { size: 3 }), { details: { path: 'size', found: 3, wanted: 'one of 2, 4' } })
})

test('units are decoded wherever they stand', async (t) => {
  const Everywhere = Strict({
    list: Type.Array(Duration()),
    deep: Strict({ size: Size(), rows: Type.Array(Strict({ rate: ByteRate() })) }),
    names: Type.Record(Type.String(), Frequency()),
    ttl: Type.Union([Type.Literal('never'), Duration()]),
    either: Type.Union([Strict({ kind: Type.Literal('a'), share: Share() }), Strict({ kind: Type.Literal('b') })])
  })
  const written = {
    list: ['1s', 5], deep: { size: '1KB', rows: [{ rate: '2KB/s' }] }, names: { a: '60/m', __proto__: 1 }, ttl: '60s', either: { kind: 'a', share: '20%' }
  }
  t.strictSame(decode(Everywhere, written), {
    list: [1000, 5], deep: { size: 1000, rows: [{ rate: 2000 }] }, names: { a: 1 }, ttl: 60_000, either: { kind: 'a', share: 0.2 }
  })
  t.equal(decode(Everywhere, { ...written, ttl: 'never' }).ttl, 'never')
})

test('a misspelt key: its path, the known ones, and the nearest', async (t) => {
  t.strictSame(errorOf(Person, { name: 'x', colur: 'red' }, 'people.0').toJSON(), {
    code: 'PMT_ERR_INVALID',
    message: 'unknown key `colur`',
    path: 'people.0.colur',
    found: 'colur',
    wanted: 'one of name, age, colour, wait, tags',
    hint: 'did you mean `colour`?'
  })
  t.match(errorOf(Person, { name: 'x', zzzzzz: 1 }).hint, /correct the value/, 'no hint when nothing is near')
  t.match(errorOf(Strict({}), { a: 1 }), { details: { wanted: 'no key here' } })
})

test('an unknown key is told before what is missing and what is wrong', async (t) => {
  t.match(errorOf(Person, { nam: 'x', age: -1 }), { details: { path: 'nam', hint: 'did you mean `name`?' } })
})

test('keys that JavaScript knows are unknown keys like others', async (t) => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    t.match(errorOf(Person, JSON.parse(`{ "name": "x", "${key}": {} }`)), { message: `unknown key \`${key}\``, details: { path: key } })
  }
})

test('keys that JSON pointers would escape', async (t) => {
  const Headers = Strict({ headers: Type.Record(Type.String(), Type.String()) })
  for (const key of ['100%', 'a/b', '~1', '%zz']) {
    t.match(errorOf(Headers, { headers: { [key]: 5 } }), { details: { path: `headers.${key}`, found: 5, wanted: 'text' } })
    t.match(errorOf(Person, { name: 'x', [key]: 5 }), { details: { path: key } })
  }
})

test('a missing key: what it takes', async (t) => {
  t.match(errorOf(Person, {}), {
    message: '`name` is missing', details: { path: 'name', found: 'nothing', wanted: 'text that is not empty' }
  })
  t.match(errorOf(Strict({ phases: Strict({ fault: Duration() }) }), { phases: {} }), { details: { path: 'phases.fault', wanted: /duration/ } })
})

test('a wrong value: path, found, wanted', async (t) => {
  const table: [unknown, string, unknown, string][] = [
    [{ name: '' }, 'name', '', 'text that is not empty'],
    [{ name: 'x', age: 1.5 }, 'age', 1.5, 'a whole number from 0 to 150'],
    [{ name: 'x', age: 151 }, 'age', 151, 'a whole number from 0 to 150'],
    [{ name: 'x', age: null }, 'age', null, 'a whole number from 0 to 150'],
    [{ name: 'x', colour: 'blue' }, 'colour', 'blue', 'one of red, green'],
    [{ name: 'x', tags: ['a', 5] }, 'tags.1', 5, 'text'],
    [{ name: 'x', tags: 'a' }, 'tags', 'a', 'a list of text']
  ]
  for (const [value, path, found, wanted] of table) t.match(errorOf(Person, value), { message: 'a value does not fit', details: { path, found, wanted } })
})

test('a unit that is out of bounds or no number at all', async (t) => {
  const table: [unknown, unknown][] = [[-1, -1], ['-1s', '-1s'], [NaN, 'NaN'], [Infinity, 'Infinity'], [null, null], [{}, {}], [['1s'], ['1s']], ['', ''], ['1s5', '1s5']]
  for (const [wait, found] of table) {
    t.match(errorOf(Person, { name: 'x', wait }), { details: { path: 'wait', found, wanted: /a duration such as/ } }, String(wait))
  }
  t.match(errorOf(Person, { name: 'x', wait: '9'.repeat(400) }), { details: { path: 'wait', wanted: /a duration/ } }, 'too large for a number')
  t.match(errorOf(Strict({ share: Share() }), { share: '120%' }, 'faults.1'), { message: 'not a share', details: { path: 'faults.1.share', found: '120%' } })
  t.match(errorOf(Strict({ wait: Duration() }), { wait: 1e300 }), { details: { path: 'wait', found: 1e300, wanted: /7d at most/ } })
  t.equal(decode(Strict({ wait: LongDuration() }), { wait: '365d' }).wait, 365 * 86_400_000)
})

test('a text made to send a pattern back and forth is refused at once', async (t) => {
  // With a nested repetition in the pattern this took longer than the universe has.
  t.match(errorOf(Person, { name: 'x', wait: `${'1'.repeat(100)}x` }), { details: { path: 'wait' } })
})

test('a value of another shape altogether', async (t) => {
  for (const value of [null, 5, 'x', true, []]) {
    t.match(errorOf(Person, value), { details: { path: '', found: value, wanted: 'a mapping with name, age, colour, wait, tags' } }, JSON.stringify(value))
  }
  t.match(errorOf(Person, undefined, 'a.b'), { details: { path: 'a.b', found: 'nothing' } })
})

test('a union: of words, of shapes, and of shapes told apart by a word', async (t) => {
  const Words = Strict({ at: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String())], { wanted: 'a name, or a list of them' }) })
  t.match(errorOf(Words, { at: 5 }), { details: { path: 'at', found: 5, wanted: 'a name, or a list of them' } })
  t.match(errorOf(Words, { at: ['a', 5] }), { details: { path: 'at', wanted: 'a name, or a list of them' } })
  const Shapes = Strict({ of: Type.Union([Strict({ a: Type.String() }), Strict({ b: Type.String() })]) })
  t.match(errorOf(Shapes, { of: { c: 1 } }), { details: { path: 'of', found: { c: 1 }, wanted: 'a mapping with a, or a mapping with b' } })
  const Told = Strict({
    of: Type.Union([Strict({ kind: Type.Literal('a'), wait: Duration() }), Strict({ kind: Type.Literal('b'), size: Type.Optional(Size()) })])
  })
  t.match(errorOf(Told, { of: { kind: 'a' } }), { message: '`wait` is missing', details: { path: 'of.wait' } })
  t.match(errorOf(Told, { of: { kind: 'a', wait: 'x' } }), { details: { path: 'of.wait', found: 'x', wanted: /duration/ } })
  t.match(errorOf(Told, { of: { kind: 'b', wait: 1 } }), { message: 'unknown key `wait`', details: { path: 'of.wait', wanted: 'one of kind, size' } })
  t.match(errorOf(Told, { of: { kind: 'c' } }), { details: { path: 'of', wanted: /a mapping with kind/ } })
})

test('a mapping of any names: a bad name and a bad value', async (t) => {
  const Names = Strict({ levels: Type.Record(Type.String(), OneOf(['high', 'low']), { propertyNames: { pattern: '^[a-z]+$' }, wanted: 'lower-case names' }) })
  t.match(errorOf(Names, { levels: { speed: 'fast' } }), { details: { path: 'levels.speed', found: 'fast', wanted: 'one of high, low' } })
  t.match(errorOf(Names, { levels: { 'a\nb': 'high' } }), { message: 'unknown key `a\nb`', details: { wanted: 'lower-case names' } })
  t.match(errorOf(Names, { levels: [] }), { details: { path: 'levels', wanted: 'lower-case names' } })
})

test('what is not plain data, or too deep, or huge', async (t) => {
  t.match(errorOf(Person, { name: () => 'x' }), { message: 'a value is not plain data', details: { path: 'name', found: 'a function' } })
  let deep: unknown = 1
  for (let i = 0; i < 50_000; i++) deep = [deep]
  t.match(errorOf(Person, { name: deep }), { message: 'a value is nested too deeply', details: { path: 'name', found: 'a list of 1' } })
  const long = 'k'.repeat(1_000_000)
  t.ok(JSON.stringify(errorOf(Person, { name: 'x', [long]: 1 })).length < 1000, 'an error does not repeat it')
  t.ok(JSON.stringify(errorOf(Person, { name: 'x', colour: long })).length < 1000)
})

test('any JSON value decodes or is refused by PMT_ERR_INVALID, and stays as it was', async () => {
  const key = fc.oneof(fc.constantFrom('name', 'age', 'colour', 'wait', 'tags', '__proto__'), fc.string())
  const value = fc.oneof(fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.double(), fc.string())), fc.jsonValue())
  fc.assert(fc.property(value, (written) => {
    const before = structuredClone(written)
    try {
      decode(Person, written)
    } catch (error) {
      if (!(error instanceof PremortemError) || error.code !== 'PMT_ERR_INVALID') throw error
    }
    return JSON.stringify(before) === JSON.stringify(written)
  }), { numRuns: 1000 })
})

test('a schema in words', async (t) => {
  const table: [TSchema | undefined, string][] = [
    [undefined, 'a value'], [Type.Unknown(), 'a value'], [Type.Literal('a'), '"a"'], [Type.Enum(['a', 'b']), 'one of a, b'],
    [Type.Number(), 'a number'], [Type.Number({ minimum: 1 }), 'a number, at least 1'], [Type.Number({ exclusiveMinimum: 0 }), 'a number above 0'],
    [Type.Integer({ minimum: 1, maximum: 2 }), 'a whole number from 1 to 2'], [Type.String(), 'text'],
    [Type.String({ pattern: '^a$' }), 'text that fits ^a$'], [Type.Boolean(), 'true or false'],
    [Type.Array(Type.String(), { minItems: 2 }), 'a list of text, at least 2'], [Type.Union([Type.String(), Type.Number()]), 'text, or a number'],
    [Type.Record(Type.String(), Type.String()), 'a mapping'], [Duration(), 'a duration such as 500ms, 2s or 1m30s (a bare number is milliseconds)']
  ]
  for (const [schema, words] of table) t.equal(describe(schema), words)
})

test('the nearest word, if one is near', async (t) => {
  const known = ['latency', 'bandwidth', 'timeout', 'at']
  t.equal(nearest('latncy', known), 'latency')
  t.equal(nearest('LATENCY', known), 'latency')
  t.equal(nearest('bandwith', known), 'bandwidth')
  t.equal(nearest('bnadwidth', known), 'bandwidth', 'a swapped pair is one slip')
  t.equal(nearest('ta', known), 'at')
  t.equal(nearest('a', known), 'at')
  t.equal(nearest('slowness', known), undefined)
  t.equal(nearest('', []), undefined)
})
