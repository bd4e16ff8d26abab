import { join } from 'node:path'
import { test } from 'tap'
import { faultOptions, readFaults } from '../../src/cli/fault-words.ts'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { decodeFault } from '../../src/faults/envelope.ts'

test('words set the fields of the fault before them', async (t) => {
  t.same(await readFaults(['delay', 'delay=500ms', 'share=20%', 'refuse', 'node=b'], {}, []), [
    { type: 'delay', delay: '500ms', share: '20%' },
    { type: 'refuse', node: 'b' }
  ])
})

test('a type word that is also a parameter begins a fault', async (t) => {
  t.same(await readFaults(['status', 'status=503', 'delay', 'delay=1s'], {}, []), [{ type: 'status', status: 503 }, { type: 'delay', delay: '1s' }])
})

test('flags set the field in every fault that has it', async (t) => {
  t.same(await readFaults(['latency', 'latency=1s', 'delay', 'delay=2s'], { jitter: '5ms', share: ['10%'] }, []), [
    { type: 'latency', latency: '1s', jitter: '5ms', share: '10%' },
    { type: 'delay', delay: '2s', jitter: '5ms', share: '10%' }
  ])
})

test('match and maps are reached by dotted words and by flags', async (t) => {
  t.same(await readFaults(['status', 'match.path=/a/**', 'match.header.x-tenant=acme', 'headers.retry-after=1'], { 'match-method': ['GET', 'POST'], headers: 'x-a: b=c' }, []), [{
    type: 'status', match: { path: '/a/**', header: { 'x-tenant': 'acme' }, method: ['GET', 'POST'] }, headers: { 'retry-after': '1', 'x-a': 'b=c' }
  }])
})

test('lists are set apart by commas, or JSON', async (t) => {
  t.same(await readFaults(['latency', 'recorded=10ms, 20ms,30'], {}, []), [{ type: 'latency', recorded: ['10ms', '20ms', '30'] }])
  t.same(await readFaults(['latency'], { recorded: ['10ms', '[20, "30ms"]'], replay: '3,7' }, []), [{ type: 'latency', recorded: ['10ms', 20, '30ms'], replay: [3, 7] }])
  t.same(await readFaults(['header', 'remove=etag,x-a', 'set.x-b=1', 'of=request'], {}, []), [{ type: 'header', remove: ['etag', 'x-a'], set: { 'x-b': '1' }, of: 'request' }])
  await t.rejects(readFaults(['latency', 'recorded=[10,'], {}, []), { code: 'PMT_ERR_USAGE', details: { found: '[10,', wanted: /JSON/ } })
})

test('maps are set by the entry, or as JSON; what may be anything is JSON where it can be', async (t) => {
  t.same(await readFaults(['body', 'merge={"price":null,"a":{"b":[1]}}', 'merge.name=tea', 'merge.n=5'], {}, []), [{ type: 'body', merge: { price: null, a: { b: [1] }, name: 'tea', n: 5 } }])
  t.same(await readFaults(['body'], { merge: ['{"a":1}', 'b=null', 'c=x y'] }, []), [{ type: 'body', merge: { a: 1, b: null, c: 'x y' } }])
  t.same(await readFaults(['header', 'set={"x-a":"1"}', 'set.x-b=2'], {}, []), [{ type: 'header', set: { 'x-a': '1', 'x-b': '2' } }])
  await t.rejects(readFaults(['body', 'merge={'], {}, []), { code: 'PMT_ERR_USAGE', details: { found: '{', wanted: /JSON/ } })
})

test('percentiles are one word', async (t) => {
  t.same(await readFaults(['delay', 'percentiles=p50=20ms,p99=2s'], {}, []), [{ type: 'delay', percentiles: 'p50=20ms,p99=2s' }])
})

test('numbers become numbers, and what does not fit is left for the schema to refuse', async (t) => {
  t.same(await readFaults(['status'], { status: '418', seed: '7' }, []), [{ type: 'status', status: 418, seed: 7 }])
  const [teapot] = await readFaults(['status', 'status=teapot'], {}, [])
  t.throws(() => decodeFault(teapot), { code: 'PMT_ERR_INVALID', details: { path: 'status', found: 'teapot' } })
  t.same(await readFaults(['redirect-loop', 'status=307'], {}, []), [{ type: 'redirect-loop', status: 307 }], 'also of a list of them')
})

test('a name that a command has for itself is reached by the type\'s name', async (t) => {
  const options = faultOptions(['rate', 'at', 'seed'])
  t.ok('bandwidth-rate' in options && 'delay-at' in options)
  t.notOk('rate' in options || 'at' in options || 'seed' in options)
  t.same(await readFaults(['bandwidth', 'delay', 'delay=1'], { 'bandwidth-rate': '1KB/s', 'delay-at': 'response', rate: '50/s' }, ['rate', 'at']), [
    { type: 'bandwidth', rate: '1KB/s' }, { type: 'delay', delay: '1', at: 'response' }
  ])
})

test('options stand in groups, and say what they are, or where that is said', async (t) => {
  const options = faultOptions([])
  t.match(options.share, { group: 'Every fault:', describe: /^share of requests/ })
  t.match(options.direction, { group: 'Stream faults:', describe: /^which way/ })
  t.match(options['match-path'], { group: 'Http faults:', describe: /^path/ })
  t.match(options.jitter, { group: 'Faults of some types:', describe: /^latency, delay: how much/ })
  t.match(options.delay, { describe: 'slicer, slow-close, slow-accept, connect-delay, delay, duplicate, tls/slow: see `fault types TYPE`' })
  t.match(options['match-sni'], { group: 'Tls faults:', describe: /^the name/ })
  t.match(options.realism, { group: 'Faults of some types:', describe: /^tls\/expired, tls\/not-yet-valid, tls\/expiring and 6 more: `incident`/ })
})

test('another name is a type with parameters, which can be said otherwise', async (t) => {
  t.same(await readFaults(['tls/wrong.host', 'share=5%', 'tls/tls-v1-1', 'tls/tls-v1-1', 'only=TLSv1'], {}, []), [
    { type: 'tls/wrong-host', share: '5%' }, { type: 'tls/protocol-version', only: 'TLSv1.1' }, { type: 'tls/protocol-version', only: 'TLSv1' }
  ])
  t.same(await readFaults(['tls/ssl-v3'], { 'match-sni': 'a.test' }, []), [{ type: 'tls/alert', alert: 'protocol_version', match: { sni: 'a.test' } }])
  await t.rejects(readFaults(['tls/wrong.hots'], {}, []), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { hint: 'did you mean `tls/wrong.host`?' } })
})

test('a slash in a type is none in a flag', async (t) => {
  t.ok('tls-slow-rate' in faultOptions(['rate']))
  t.same(await readFaults(['tls/slow'], { 'tls-slow-rate': '100' }, ['rate']), [{ type: 'tls/slow', rate: '100' }])
  t.notOk(Object.keys(faultOptions(['rate', 'at', 'for'])).some((name) => name.includes('/')))
})

test('every parameter of every type has an option', async (t) => {
  const options = faultOptions([])
  for (const { type, params } of CATALOGUE) {
    for (const key of Object.keys(params.properties)) t.ok(key in options, `${type} ${key}`)
  }
  for (const key of ['share', 'node', 'ttl', 'mode', 'existing', 'direction', 'match-path', 'match-header']) t.ok(key in options, key)
  t.notOk('type' in options || 'on' in options)
})

test('every example of the catalogue can be typed', async (t) => {
  for (const { doc, type } of CATALOGUE) {
    const { type: _, ...fields } = doc.example
    const words = Object.entries(fields).flatMap(([key, value]) => typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value as object).map(([inner, text]) => `${key}.${inner}=${text}`)
      : [`${key}=${value as string}`])
    t.same(await readFaults([type, ...words], {}, []), [doc.example], type)
  }
})

test('lists are typed with commas, by repeating a flag, or read from a file', async (t) => {
  t.same(await readFaults(['hang', 'replay=3,7, 9'], {}, []), [{ type: 'hang', replay: [3, 7, 9] }])
  t.same(await readFaults(['hang'], { replay: ['3', '7,9'] }, []), [{ type: 'hang', replay: [3, 7, 9] }])
  t.same(await readFaults(['hang', 'replay=x'], {}, []), [{ type: 'hang', replay: ['x'] }], 'what does not fit is left for the schema to refuse')
  const file = join(t.testdir({ 'hit.json': '{"fault":"a","seed":1,"replay":[2,4],"complete":true}', 'bad.txt': '1\nsoon\n' }), 'hit.json')
  t.same(await readFaults(['hang', `replay=@${file}`], {}, []), [{ type: 'hang', replay: [2, 4] }])
  t.same(await readFaults(['hang', 'refuse'], { replay: `@${file}` }, []), [{ type: 'hang', replay: [2, 4] }, { type: 'refuse', replay: [2, 4] }])
  const bad = file.replace('hit.json', 'bad.txt')
  await t.rejects(readFaults(['hang', `replay=@${bad}`], {}, []), { code: 'PMT_ERR_INVALID', details: { path: 'replay', file: bad, line: 2, found: 'soon' } })
  await t.rejects(readFaults(['hang', 'replay=@none.json'], {}, []), { code: 'PMT_ERR_FILE_NOT_FOUND', details: { path: 'replay' } })
  t.same(await readFaults(['hang', 'replay=1', `replay=@${file}`], {}, []), [{ type: 'hang', replay: [1, 2, 4] }])
})

test('selection is reached by dotted words and by flags', async (t) => {
  t.same(await readFaults(['hang', 'select.every=3', 'max.total=9', 'by=client', 'match.client=10.0.0.0/8'], { 'select-after': '10', 'match-query': 'q=*' }, []), [{
    type: 'hang', select: { every: 3, after: 10 }, max: { total: 9 }, by: 'client', match: { client: '10.0.0.0/8', query: { q: '*' } }
  }])
})

test('mistakes are named', async (t) => {
  await t.rejects(readFaults(['statsu'], {}, []), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { found: 'statsu' } })
  await t.rejects(readFaults(['hangs'], {}, []), { code: 'PMT_ERR_FAULT_UNKNOWN', details: { hint: 'did you mean `hang`?' } })
  await t.rejects(readFaults(['delay=1s'], {}, []), { code: 'PMT_ERR_USAGE', details: { found: 'delay=1s' } })
  await t.rejects(readFaults(['delay', 'delai=1s'], {}, []), { code: 'PMT_ERR_USAGE', details: { found: 'delai', hint: 'did you mean `delay`?' } })
  await t.rejects(readFaults(['delay', 'delay=1s', 'delay=2s'], {}, []), { code: 'PMT_ERR_USAGE', message: /given twice/ })
  await t.rejects(readFaults(['hang'], { share: ['1%', '2%'] }, []), { code: 'PMT_ERR_USAGE', message: /given twice/ })
  await t.rejects(readFaults(['hang'], { jitter: '1s' }, []), { code: 'PMT_ERR_USAGE', details: { found: '--jitter', wanted: 'a fault of type latency, delay' } })
  await t.rejects(readFaults(['status'], { headers: 'nonsense' }, []), { code: 'PMT_ERR_USAGE', details: { found: 'nonsense' } })
})
