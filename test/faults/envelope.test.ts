import fc from 'fast-check'
import { test } from 'tap'
import { Type } from 'typebox'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { ENVELOPE_KEYS, decodeFault, faultSchema, listFields, namesFile } from '../../src/faults/envelope.ts'
import { PremortemError } from '../../src/kernel/errors.ts'

/** A fault of each type with the parameters of its example, and nothing else. */
const LEAST = CATALOGUE.map(({ type, params, doc }) =>
  ({ type, ...Object.fromEntries(Object.entries(doc.example).filter(([key]) => key in params.properties)) }))

function errorOf (written: unknown, base?: string): PremortemError {
  try {
    decodeFault(written, base)
  } catch (error) {
    if (error instanceof PremortemError) return error
    throw error
  }
  throw new Error('it decodes')
}

test('a whole envelope, decoded', async (t) => {
  const written = {
    type: 'delay', id: 'slow-1', on: 'payments', node: 'payments-2', delay: '500ms', jitter: 50, at: 'response',
    match: { method: 'POST', path: '/charge/**' }, share: '20%', existing: 'drain', mode: 'shadow', ttl: '60s', seed: 7
  }
  const fault = decodeFault(Object.freeze(written))
  t.match(fault, {
    id: 'slow-1', on: 'payments', node: 'payments-2', direction: 'both', match: { method: 'POST', path: '/charge/**' },
    share: 0.2, existing: 'drain', mode: 'shadow', ttl: 60_000, seed: 7
  })
  t.match(fault.params, { delay: 500, jitter: 50, at: 'response' })
  t.notOk(Object.keys(fault.params).some((key) => ENVELOPE_KEYS.includes(key)))
  t.equal(fault.spec, written)
  t.equal(fault.type.type, 'delay')
})

test('what nobody said', async (t) => {
  t.match(decodeFault({ type: 'latency', latency: 1 }), {
    id: undefined, on: undefined, node: undefined, direction: 'downstream', match: undefined, share: 1,
    by: undefined, select: {}, max: undefined, replay: undefined,
    existing: 'affect', mode: 'inject', ttl: undefined, seed: undefined, params: { latency: 1, jitter: 0 }
  })
  t.equal(decodeFault({ type: 'timeout' }).direction, 'both')
  t.equal(decodeFault({ type: 'timeout', direction: 'upstream' }).direction, 'upstream')
})

test('a key set to undefined is a key left out', async (t) => {
  const fault = decodeFault({ type: 'latency', latency: 1, share: undefined, match: undefined, ttl: undefined, jitter: undefined })
  t.match(fault, { share: 1, match: undefined, ttl: undefined, params: { jitter: 0 } })
})

test('the parameters of each example decode by themselves', async (t) => {
  for (const written of LEAST) t.equal(decodeFault(written).type.type, written.type)
})

test('how long it lives', async (t) => {
  const ttl = (value: unknown): number | undefined => decodeFault({ type: 'hang', ttl: value }).ttl
  t.equal(ttl('never'), Infinity)
  t.equal(ttl('60s'), 60_000)
  t.equal(ttl(1), 1)
  for (const found of ['0s', 0, '366d', 1e300]) {
    t.match(errorOf({ type: 'hang', ttl: found }), { details: { path: 'ttl', found, wanted: 'a duration above 0 and up to 365d, or never' } })
  }
  t.match(errorOf({ type: 'hang', ttl: 'nevr' }), { details: { path: 'ttl', found: 'nevr', wanted: 'a duration such as 60s, or never' } })
})

test('an unknown type: the known ones, and the nearest', async (t) => {
  t.strictSame(errorOf({ type: 'latncy' }, 'faults.0').toJSON(), {
    code: 'PMT_ERR_FAULT_UNKNOWN',
    message: 'no such type of fault',
    path: 'faults.0.type',
    found: 'latncy',
    wanted: `one of ${CATALOGUE.map((type) => type.type).join(', ')}`,
    hint: 'did you mean `latency`?'
  })
  for (const [type, found] of [[undefined, 'nothing'], [5, 5], [{ toString: 1 }, { toString: 1 }], ['__proto__', '__proto__'], ['', '']]) {
    t.match(errorOf({ type }), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { path: 'type', found } })
  }
})

test('a key of the other layer', async (t) => {
  t.match(errorOf({ type: 'latency', latency: 1, match: { path: '/' } }, 'f'), {
    code: 'PMT_ERR_FAULT_LAYER', message: '`match.path` does not go with latency, a fault of the stream layer', details: { path: 'f.match.path', found: '/', wanted: /^`client`/ }
  })
  t.match(errorOf({ type: 'latency', latency: 1, match: { status: 500 } }), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'match.status' } })
  t.match(errorOf({ type: 'latency', latency: 1, match: { paths: '/' } }), { code: 'PMT_ERR_INVALID', details: { path: 'match.paths' } })
  t.match(decodeFault({ type: 'latency', latency: 1, match: { client: '10.0.0.0/8' } }).match, { client: '10.0.0.0/8' })
  t.match(errorOf({ type: 'delay', delay: 1, direction: 'upstream' }), {
    code: 'PMT_ERR_FAULT_LAYER', message: '`direction` does not go with delay, a fault of the http layer', details: { path: 'direction', found: 'upstream' }
  })
})

test('who is hit', async (t) => {
  t.match(decodeFault({
    type: 'delay', delay: 1, share: '30%', by: 'cookie:sid', select: { after: 10, for: 5, every: 2 }, max: { concurrent: 3, total: 9 }
  }), { share: 0.3, by: 'cookie:sid', select: { after: 10, for: 5, every: 2 }, max: { concurrent: 3, total: 9 } })
  t.match(decodeFault({ type: 'refuse', by: 'client', replay: undefined }), { by: 'client', replay: undefined })
  t.match(decodeFault({ type: 'refuse', replay: [3, 7], seed: 5 }), { replay: [3, 7], seed: 5, share: 1 })
})

test('what does not go together, and what cannot be', async (t) => {
  const table: [Record<string, unknown>, string, unknown, RegExp][] = [
    [{ by: 'user' }, 'by', 'user', /client, sni, trace, header:NAME or cookie:NAME/],
    [{ by: 'header:' }, 'by', 'header:', /header:NAME/],
    [{ type: 'refuse', by: 'header:x' }, 'by', 'header:x', /client, or an http fault/],
    [{ by: 'sni' }, 'by', 'sni', /header:host, or a tls fault/],
    [{ type: 'refuse', by: 'sni' }, 'by', 'sni', /client, or an http fault/],
    [{ type: 'tls/stall', by: 'header:x' }, 'by', 'header:x', /client or sni, or an http fault/],
    [{ type: 'tls/stall', existing: 'affect' }, 'existing', 'affect', /keep, drain, cut/],
    [{ type: 'tls/stall', match: { sni: '/(/' } }, 'match.sni', '/(/', /a glob/],
    [{ replay: [1], share: '5%' }, 'replay', [1], /one of them/],
    [{ replay: [1], by: 'client' }, 'replay', [1], /one of them/],
    [{ replay: [0] }, 'replay.0', 0, /at least 1/],
    [{ replay: ['x'] }, 'replay.0', 'x', /whole number/],
    [{ replay: 3 }, 'replay', 3, /list of ordinals/],
    [{ select: { first: 1, for: 2 } }, 'select.for', 2, /one of them/],
    [{ select: { every: 0 } }, 'select.every', 0, /at least 1/],
    [{ select: { first: 1.5 } }, 'select.first', 1.5, /whole number/],
    [{ select: 3 }, 'select', 3, /after, first, for, every/],
    [{ max: { concurrent: 0 } }, 'max.concurrent', 0, /at least 1/],
    [{ max: { total: '9' } }, 'max.total', '9', /whole number/],
    [{ max: { rate: 1 } }, 'max.rate', 'rate', /concurrent, total/],
    [{ match: { client: '10.0.0.0/33' } }, 'match.client', '10.0.0.0/33', /10\.0\.0\.0\/8/],
    [{ type: 'refuse', match: { client: 'here' } }, 'match.client', 'here', /10\.0\.0\.0\/8/],
    [{ match: { path: ['/a', '/(a)\\1/'] } }, 'match.path.1', '/(a)\\1/', /a glob/]
  ]
  for (const [change, path, found, wanted] of table) {
    const error = errorOf({ ...change.type === undefined ? { type: 'delay', delay: '1s' } : {}, ...change }, 'faults.3')
    t.match(error, { code: 'PMT_ERR_INVALID', details: { path: `faults.3.${path}`, found, wanted } }, JSON.stringify(change))
  }
})

test('what becomes of open connections, in a tls fault\'s own words and in those of all', async (t) => {
  const existing = (written: object): string => decodeFault({ type: 'tls/stall', ...written }).existing
  t.strictSame(['keep', 'drain', 'cut', 'ignore', 'reset'].map((word) => existing({ existing: word })), ['ignore', 'drain', 'reset', 'ignore', 'reset'])
  t.equal(existing({}), 'drain', 'when nobody says')
  t.equal(existing({ type: 'tls/expired', realism: 'natural' }), 'ignore')
  t.equal(existing({ type: 'tls/expired', realism: 'natural', existing: 'cut' }), 'reset')
  t.match(errorOf({ type: 'hang', existing: 'keep' }), { details: { path: 'existing', wanted: /affect, reset, drain, ignore/ } })
})

test('handshakes are told apart by the name asked for', async (t) => {
  t.match(decodeFault({ type: 'tls/stall', by: 'sni', match: { sni: ['api.test', '*.internal'], client: '10.0.0.0/8' } }), {
    by: 'sni', match: { sni: ['api.test', '*.internal'] }, direction: 'both'
  })
  t.match(errorOf({ type: 'tls/stall', match: { path: '/' } }, 'f'), {
    code: 'PMT_ERR_FAULT_LAYER', details: { path: 'f.match.path', found: '/', wanted: /^`sni` and `client`/ }
  })
  t.match(errorOf({ type: 'tls/stall', match: { host: 'x' } }), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'match.host' } })
  t.match(errorOf({ type: 'hang', match: { sni: 'x' } }), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'match.sni', wanted: '`host`, or a tls fault' } })
  t.match(errorOf({ type: 'refuse', match: { sni: 'x' } }), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'match.sni' } })
  t.match(errorOf({ type: 'tls/stall', direction: 'upstream' }), { code: 'PMT_ERR_FAULT_LAYER', details: { path: 'direction' } })
})

test('another name stands for a type and its parameters, which what is written overrides', async (t) => {
  const alias = decodeFault({ type: 'tls/tls-v1-1', share: '5%' })
  t.equal(alias.type.type, 'tls/protocol-version')
  t.match(alias, { share: 0.05, params: { only: 'TLSv1.1' } })
  t.equal(alias.spec.type, 'tls/protocol-version', 'it is kept as what it stands for')
  t.equal(decodeFault({ type: 'tls/tls-v1-1', only: 'TLSv1.3' }).params.only, 'TLSv1.3')
  t.equal(decodeFault({ type: 'tls/tls-v1-1', only: undefined }).params.only, 'TLSv1.1')
  t.match(errorOf({ type: 'tls/tls-v1-1', onyl: 1 }, 'faults.0'), { details: { path: 'faults.0.onyl' }, hint: 'did you mean `only`?' })
  t.match(errorOf({ type: 'tls/wrong-hots' }), { code: 'PMT_ERR_FAULT_UNKNOWN', hint: 'did you mean `tls/wrong-host`?' })
  t.match(errorOf({ type: 'tls/wrong.hots' }), { hint: 'did you mean `tls/wrong.host`?' })
})

test('a fault that acts before the response cannot match it', async (t) => {
  t.match(errorOf({ type: 'status', match: { status: '5xx' } }, 'f'), {
    code: 'PMT_ERR_INVALID', message: 'status acts before there is a response', details: { path: 'f.match.status', found: '5xx', wanted: /when: after/ }
  })
  t.match(errorOf({ type: 'status', match: { 'response-header': { etag: '*' } } }), { details: { path: 'match.response-header' } })
  t.ok(decodeFault({ type: 'status', when: 'after', match: { status: '5xx' } }))
})

test('a list may come from a file, but not here', async (t) => {
  t.match(errorOf({ type: 'delay', delay: 1, replay: '@hits.json' }, 'faults.0'), {
    code: 'PMT_ERR_INVALID', message: 'no file is read here', hint: /command line/, details: { path: 'faults.0.replay', found: '@hits.json' }
  })
  t.match(errorOf({ type: 'delay', delay: 1, replay: [1, '@hits.json'] }), { message: 'no file is read here', details: { path: 'replay', found: '@hits.json' } })
  t.notOk(namesFile('@x', Type.String()), 'text that begins so is text')
  t.notOk(namesFile(5, Type.Integer()))
  for (const type of CATALOGUE) t.ok(listFields(type).some(([key]) => key === 'replay'), type.type)
})

test('every other bad input: its path, what was found, what was wanted', async (t) => {
  const table: [Record<string, unknown>, string, unknown, RegExp][] = [
    [{ share: '120%' }, 'share', '120%', /20%/],
    [{ share: 1.2 }, 'share', 1.2, /fraction from 0 to 1/],
    [{ share: -0.1 }, 'share', -0.1, /20%/],
    [{ share: null }, 'share', null, /20%/],
    [{ delay: null }, 'delay', null, /500ms/],
    [{ delay: -5 }, 'delay', -5, /500ms/],
    [{ delay: '-5ms' }, 'delay', '-5ms', /500ms/],
    [{ delay: 'soon' }, 'delay', 'soon', /500ms/],
    [{ delay: NaN }, 'delay', 'NaN', /500ms/],
    [{ delay: Infinity }, 'delay', 'Infinity', /500ms/],
    [{ delay: ['1s'] }, 'delay', ['1s'], /500ms/],
    [{ delay: undefined }, 'delay', 'nothing', /500ms/],
    [{ id: '' }, 'id', '', /letters, digits/],
    [{ id: 'a/b' }, 'id', 'a/b', /letters, digits/],
    [{ id: 5 }, 'id', 5, /letters, digits/],
    [{ on: '' }, 'on', '', /not empty/],
    [{ node: 3 }, 'node', 3, /text/],
    [{ existing: 'kill' }, 'existing', 'kill', /affect, reset, drain, ignore/],
    [{ mode: 'dry-run' }, 'mode', 'dry-run', /inject, shadow/],
    [{ seed: -1 }, 'seed', -1, /whole number from 0 to 4294967295/],
    [{ seed: 1.5 }, 'seed', 1.5, /whole number/],
    [{ seed: 2 ** 32 }, 'seed', 2 ** 32, /whole number/],
    [{ match: 'POST /' }, 'match', 'POST /', /method, path, host, header/],
    [{ match: { path: [] } }, 'match.path', [], /a list of them/],
    [{ match: { header: { a: 1 } } }, 'match.header.a', 1, /text/],
    [{ at: 'both' }, 'at', 'both', /request, response/]
  ]
  for (const [change, path, found, wanted] of table) {
    const error = errorOf({ type: 'delay', delay: '1s', ...change }, 'faults.3')
    t.match(error, { code: 'PMT_ERR_INVALID', details: { path: `faults.3.${path}`, found, wanted } }, JSON.stringify(change))
  }
})

test('a misspelt key', async (t) => {
  t.match(errorOf({ type: 'delay', delay: '1s', shar: '5%' }), { message: 'unknown key `shar`', hint: 'did you mean `share`?', details: { path: 'shar' } })
  t.match(errorOf({ type: 'delay', delay: '1s', match: { paths: '/' } }), { hint: 'did you mean `path`?', details: { path: 'match.paths' } })
})

test('what is no mapping at all', async (t) => {
  for (const written of [null, undefined, 5, 'delay', [], true]) {
    t.match(errorOf(written, 'faults.0'), { code: 'PMT_ERR_INVALID', message: 'not a fault', details: { path: 'faults.0' } }, String(written))
  }
})

test('a time that nobody can mean is refused: a week is the most', async (t) => {
  t.equal(decodeFault({ type: 'latency', latency: '7d' }).params.latency, 7 * 86_400_000)
  for (const latency of [1e9, 1e300, '8d', '1000000000ms', `${'9'.repeat(400)}s`]) {
    t.match(errorOf({ type: 'latency', latency }), { code: 'PMT_ERR_INVALID', details: { path: 'latency', wanted: /duration/ } }, String(latency).slice(0, 20))
  }
  t.match(errorOf({ type: 'delay', percentiles: 'p50=1s,p99=1000000s' }), { details: { path: 'percentiles', wanted: /7d at most/ } })
  t.match(errorOf({ type: 'latency', recorded: [1, 1e9] }), { details: { path: 'recorded', wanted: /7d at most/ } })
})

test('one schema a type, with the keys of its layer', async (t) => {
  for (const type of CATALOGUE) {
    const schema = faultSchema(type)
    t.equal(faultSchema(type), schema)
    const keys = Object.keys(schema.properties)
    t.strictSame(ENVELOPE_KEYS.filter((key) => !keys.includes(key)), type.layer === 'stream' ? [] : ['direction'])
    t.doesNotThrow(() => JSON.stringify(schema), 'it can be served as JSON')
  }
})

test('any junk in any field of any type decodes or is refused by PremortemError, and what decodes can begin', async () => {
  const junk = fc.oneof(
    fc.jsonValue(), fc.double(), fc.string({ unit: 'binary' }), fc.integer(), fc.constant(undefined), fc.bigInt(),
    fc.constantFrom('@file', '/(/', '/a|b/', 'client', 'header:x', '::1', '10.0.0.0/8', '1s', '20%', '64KB/s', 'never', 'before', 'reset', '/**', '', '__proto__', NaN, Infinity, -0, 1e308),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('method', 'path', 'header', 'host', 'client', 'status', 'query', 'every', 'first', 'total')), fc.oneof(fc.string(), fc.jsonValue(), fc.double()))
  )
  const written = fc.constantFrom(...LEAST).chain((least) => {
    const type = CATALOGUE.find((candidate) => candidate.type === least.type)!
    const key = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...ENVELOPE_KEYS, ...Object.keys(type.params.properties)) },
      { weight: 1, arbitrary: fc.string() }
    )
    return fc.dictionary(key, junk, { maxKeys: 3 }).map((changes) => ({ ...least, ...changes }))
  })
  let decoded = 0
  fc.assert(fc.property(written, (value) => {
    try {
      const { type, params } = decodeFault(value)
      if (type.layer !== 'stream') type.begin(params as never)
      decoded++
    } catch (error) {
      if (!(error instanceof PremortemError)) throw error
      JSON.stringify(error)
    }
  }), { numRuns: 5000 })
  if (decoded < 100) throw new Error(`only ${decoded} of 5000 decoded: the test does not reach far`)
})
