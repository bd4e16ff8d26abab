import { test } from 'tap'
import { dataSourceOf, decodeSlo, parseResources, pickSlo, withIndicator } from '../../src/config/openslo-document.ts'

const slo = (name: string, spec: object): string => JSON.stringify({ apiVersion: 'openslo/v1', kind: 'SLO', metadata: { name }, spec })
const SPEC = { service: 'shop', budgetingMethod: 'Occurrences', objectives: [{ target: 0.9 }] }
const several = (...documents: string[]): string => documents.join('\n---\n')

test('the documents of a file, and an SLO among them by name', (t) => {
  const resources = parseResources(several(slo('a', SPEC), slo('b', SPEC), ''), 's.yaml')
  t.same(resources.map(({ kind, name }) => [kind, name]), [['SLO', 'a'], ['SLO', 'b']])
  t.equal(pickSlo(resources, 'b', 's.yaml', 'x').name, 'b')
  t.equal(pickSlo(resources.slice(0, 1), undefined, 's.yaml', 'x').name, 'a', 'of one nobody need say which')
  t.throws(() => pickSlo(resources, undefined, 's.yaml', 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'x', wanted: /one of a, b/ } })
  t.throws(() => pickSlo(resources, 'bb', 's.yaml', 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'x.name', hint: /`b`/ } })
  t.throws(() => pickSlo(parseResources(several(slo('a', SPEC), slo('a', SPEC)), 's.yaml'), 'a', 's.yaml', 'x'), { message: /2 documents/ })
  t.throws(() => pickSlo(parseResources(slo('a', SPEC).replace('"SLO"', '"Service"'), 's.yaml'), undefined, 's.yaml', 'x'), {
    message: 'no SLO is in the file', details: { found: 'Service', file: 's.yaml' }
  })
  t.end()
})

test('what is no OpenSLO v1 is refused, with its line', (t) => {
  const table: [string, { message?: string, code?: string, details?: object }][] = [
    ['', { message: 'the file is empty' }],
    ['version: prometheus/v1\nservice: a\n', { code: 'PMT_ERR_INVALID', details: { path: 'apiVersion', hint: /sloth/ } }],
    ['kind: SLO\napiVersion: openslo/v1alpha\n', { code: 'PMT_ERR_INVALID', details: { line: 2, column: 13, hint: /older/ } }],
    ['just words', { code: 'PMT_ERR_INVALID', details: { path: 'apiVersion', found: 'nothing' } }],
    ['apiVersion: openslo/v1\nmetadata: { name: a }\n', { code: 'PMT_ERR_INVALID', details: { path: 'kind' } }],
    ['apiVersion: openslo/v1\nkind: SLO\n', { code: 'PMT_ERR_INVALID', details: { path: 'metadata.name' } }],
    [several(slo('a', SPEC), 'a: ['), { code: 'PMT_ERR_SYNTAX', details: { line: 3 } }]
  ]
  for (const [text, error] of table) t.throws(() => parseResources(text, 's.yaml'), { code: 'PMT_ERR_INVALID', ...error }, text)
  t.end()
})

test('the form of an SLO is checked', (t) => {
  const table: [object, object][] = [
    [{ ...SPEC, servce: 'a' }, { path: 'spec.servce', hint: /`service`/ }],
    [{ ...SPEC, timeWindow: [{ duration: '30s' }] }, { path: 'spec.timeWindow.0.duration', found: '30s' }],
    [{ ...SPEC, timeWindow: [{ duration: '1d' }, { duration: '2d' }] }, { path: 'spec.timeWindow' }],
    [{ ...SPEC, objectives: [] }, { path: 'spec.objectives' }],
    [{ ...SPEC, objectives: [{ op: 'le' }] }, { path: 'spec.objectives.0.op' }],
    [{ ...SPEC, budgetingMethod: 'Occurences' }, { path: 'spec.budgetingMethod' }]
  ]
  for (const [spec, details] of table) {
    const [resource] = parseResources(slo('a', spec), 's.yaml')
    t.throws(() => decodeSlo(resource!), { code: 'PMT_ERR_INVALID', details: { ...details, file: 's.yaml', line: 1 } })
  }
  t.end()
})

test('an indicator, or what it refers to, in the same file', (t) => {
  const sli = 'apiVersion: openslo/v1\nkind: SLI\nmetadata: { name: i }\nspec: { description: there }\n'
  const read = (spec: object, more = sli): unknown => {
    const resources = parseResources(several(slo('a', { ...SPEC, ...spec }), more), 's.yaml')
    return withIndicator(decodeSlo(resources[0]!), resources[0]!, resources, ({ description }, path) => [description, path])
  }
  t.same(read({ indicator: { spec: { description: 'here' } } }), ['here', 'spec.indicator.spec'])
  t.same(read({ indicatorRef: 'i' }), ['there', 'spec'])
  t.throws(() => read({ indicatorRef: 'j' }), { code: 'PMT_ERR_INVALID', details: { path: 'spec.indicatorRef', found: 'j', wanted: 'one of i', line: 1 } })
  t.throws(() => read({}), { code: 'PMT_ERR_INVALID', details: { path: 'spec.indicator', found: 'nothing' } })
  t.throws(() => read({ indicatorRef: 'i', indicator: { spec: {} } }), { code: 'PMT_ERR_INVALID', details: { path: 'spec.indicator', found: /and/ } })
  t.throws(() => read({ indicatorRef: 'i' }, sli.replace('description', 'descriptor')), { code: 'PMT_ERR_INVALID', details: { path: 'spec.descriptor', line: 6 } })
  t.end()
})

test('a data source says where it is, and nothing that would be lost', (t) => {
  const source = (details: string) => parseResources(`apiVersion: openslo/v1\nkind: DataSource\nmetadata: { name: m }\nspec: { type: Prometheus, connectionDetails: ${details} }\n`, 's.yaml')
  t.match(dataSourceOf(source('{ url: "http://127.0.0.1:9090" }'), 'm', 'x'), { type: 'Prometheus', connectionDetails: { url: 'http://127.0.0.1:9090' } })
  t.throws(() => dataSourceOf(source('{ url: "http://a", token: b }'), 'm', 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'spec.connectionDetails.token', line: 4 } })
  t.throws(() => dataSourceOf(source('{ url: a }'), 'm', 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'spec.connectionDetails.url' } })
  t.throws(() => dataSourceOf([], 'm', 'x'), { code: 'PMT_ERR_INVALID', details: { path: 'x', wanted: /kind: DataSource/ } })
  t.end()
})
