import { Type } from 'typebox'
import { test } from 'tap'
import { Duration, Strict, decode } from '../../src/kernel/schema.ts'
import { parseText, parseTexts, readTextFile } from '../../src/kernel/text.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

const Schema = Strict({
  title: Type.String(),
  phases: Strict({ fault: Duration() }),
  faults: Type.Array(Strict({ type: Type.String(), delay: Type.Optional(Duration()) }))
})

/** The error that decoding a text gives. */
function errorOf (text: string): PremortemError {
  try {
    const parsed = parseText(text, 'x.yaml')
    parsed.locate(() => decode(Schema, parsed.value))
  } catch (error) {
    if (error instanceof PremortemError) return error
    throw error
  }
  throw new Error('it decodes')
}

test('YAML and JSON give plain values', async (t) => {
  t.strictSame(parseText('a: 1\nb: [x, 2s, null, true]\n').value, { a: 1, b: ['x', '2s', null, true] })
  t.strictSame(parseText('{"a": 1, "b": ["x"]}').value, { a: 1, b: ['x'] })
  t.strictSame(parseText('\uFEFFa: 1').value, { a: 1 }, 'a byte order mark is no part of the text')
  t.equal(parseText('').value, null)
  t.strictSame(parseText('no: no\nday: 2026-01-01').value, { no: 'no', day: '2026-01-01' }, 'YAML 1.2: no is a word')
})

test('aliases are followed', async (t) => {
  t.strictSame(parseText('a: &x [1, 2]\nb: *x').value, { a: [1, 2], b: [1, 2] })
})

test('text that does not parse: line and column', async (t) => {
  const table: [string, number, number, RegExp][] = [
    ['a: 1\nb: [1, 2\n', 3, 1, /./],
    ['{"a": 1,\n "b" 2}', 2, 6, /Missing/],
    ['a: 1\nb: 2\na: 3', 3, 1, /twice/],
    ['{"a": 1, "a": 2}', 1, 10, /twice/],
    ['a: 1\n---\nb: 2', 2, 1, /more than one document/],
    ['a:\n\t- 1', 2, 1, /Tabs/],
    ['a: !!binary aGk=', 1, 4, /tag/],
    ['a: 1\nb: !js/function "x"', 2, 4, /tag/],
    ['a: 1\nb: *gone', 2, 4, /no anchor `&gone`/],
    ['a: *later\nb: &later 1', 1, 4, /no anchor `&later`/]
  ]
  for (const [text, line, column, message] of table) {
    t.throws(() => parseText(text, 'x.yaml'), { code: 'PMT_ERR_SYNTAX', message, details: { file: 'x.yaml', line, column } }, JSON.stringify(text))
  }
})

test('a bomb of aliases is refused, at the first of them', async (t) => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  for (const [name, of] of ['ba', 'cb', 'dc', 'ed']) levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]`)
  t.throws(() => parseText(levels.join('\n')), { code: 'PMT_ERR_SYNTAX', message: /unfold/, details: { line: 2, column: 8 } })
})

test('a text nested too deeply is refused', async (t) => {
  t.throws(() => parseText('['.repeat(50_000)), { code: 'PMT_ERR_SYNTAX', message: /nested too deeply/ })
})

test('keys that JavaScript knows are keys like others', async (t) => {
  const value = parseText('__proto__: { admin: true }\nconstructor: 1').value as object
  t.strictSame(Object.keys(value), ['__proto__', 'constructor'])
  t.equal(Object.getPrototypeOf(value), Object.prototype)
  t.equal(({} as { admin?: boolean }).admin, undefined)
})

test('an error of a check says where in the text', async (t) => {
  const table: [string, string, number, number][] = [
    ['title: x\nphases:\n  fault: soon\nfaults: []', 'phases.fault', 3, 10],
    ['title: x\nphases: { fault: 1s }\nfaults:\n  - type: a\n  - { type: b, delay: late }', 'faults.1.delay', 5, 23],
    ['title: x\nphases:\n  fault: 1s\nfaults:\n  - type: a\n    delai: 1s', 'faults.0.delai', 6, 12],
    // A value that is a mapping may begin on the line after its key: the key is the place.
    ['title: x\nphase:\n  fault: 1s\nfaults: []', 'phase', 2, 1],
    ['title: x\nphases: { fault: 1s }\nfaults:\n  - 5', 'faults.0', 4, 5],
    // What is missing has no place; its parent stands for it.
    ['title: x\nphases:\n  {}\nfaults: []', 'phases.fault', 2, 1],
    ['title: x\nphases: { fault: 1s }\nfaults:\n  - delay: 1s', 'faults.0.type', 4, 5],
    ['phases: { fault: 1s }\nfaults: []', 'title', 1, 1],
    ['{"title": "x",\n "phases": {"fault": "soon"},\n "faults": []}', 'phases.fault', 2, 22],
    ['title:\nphases: { fault: 1s }\nfaults: []', 'title', 1, 1],
    ['5', '', 1, 1]
  ]
  for (const [text, path, line, column] of table) {
    const { details } = errorOf(text)
    t.strictSame([details.path, details.line, details.column, details.file], [path, line, column, 'x.yaml'], JSON.stringify(text))
  }
})

test('an empty text has no line', async (t) => {
  const { details } = errorOf('')
  t.equal(details.found, null)
  t.equal(details.line, undefined)
  t.equal(details.file, 'x.yaml')
})

test('other errors pass through locate untouched, and results too', async (t) => {
  const parsed = parseText('a: 1')
  t.equal(parsed.locate(() => 7), 7)
  const error = new TypeError('bug')
  t.throws(() => parsed.locate(() => { throw error }), error)
})

test('files: what is missing and what cannot be read', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'a: 1' })
  t.equal(await readTextFile(`${folder}/a.yaml`), 'a: 1')
  await t.rejects(readTextFile(`${folder}/b.yaml`), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { file: `${folder}/b.yaml` } })
  await t.rejects(readTextFile(folder), { code: 'PMT_ERR_FILE_UNREADABLE', details: { found: 'EISDIR' } })
})

test('a text of several documents, each with the lines of the whole', (t) => {
  const values = (text: string): unknown[] => parseTexts(text).map(({ value }) => value)
  t.strictSame(values('a: 1\n---\nb: 2\n--- # c\nc: 3\n'), [{ a: 1 }, { b: 2 }, { c: 3 }])
  t.strictSame(values('# first\n---\na: 1\n---\n'), [{ a: 1 }, null], 'what stands before the first mark is no document if it says nothing')
  t.strictSame(values('%YAML 1.2\n---\na: 1'), [{ a: 1 }])
  t.strictSame(values('a: |\n  x\n  ---\n  y\n'), [{ a: 'x\n---\ny\n' }], 'a mark begins its line')
  t.strictSame(values(''), [null])
  const second = parseTexts('a: 1\n---\n\nb: two\n', 'x.yaml')[1]!
  t.throws(() => second.locate(() => { throw new PremortemError('PMT_ERR_INVALID', { path: 'b' }) }), { code: 'PMT_ERR_INVALID', details: { file: 'x.yaml', line: 4, column: 4 } })
  t.throws(() => parseTexts('a: 1\n---\nb: [\n', 'x.yaml'), { code: 'PMT_ERR_SYNTAX', details: { file: 'x.yaml', line: 4 } })
  t.end()
})
