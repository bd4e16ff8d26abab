import { test } from 'tap'
import { createHarness } from './harness.ts'

interface Operation {
  summary?: string
  operationId?: string
  tags?: string[]
  parameters?: { name: string, in: string, required?: boolean, schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description?: string, content?: Record<string, { schema: object }> }>
}

interface OpenApi {
  openapi: string
  info: object
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

const WANTED = [
  'get /v1/proxies', 'get /v1/proxies/{proxy}', 'put /v1/proxies/{proxy}', 'patch /v1/proxies/{proxy}', 'delete /v1/proxies/{proxy}',
  'get /v1/proxies/{proxy}/connections', 'get /v1/proxies/{proxy}/decisions', 'get /v1/proxies/{proxy}/snapshot',
  'get /v1/proxies/{proxy}/faults', 'post /v1/proxies/{proxy}/faults', 'delete /v1/proxies/{proxy}/faults',
  'get /v1/proxies/{proxy}/faults/{fault}', 'get /v1/proxies/{proxy}/faults/{fault}/residue',
  'patch /v1/proxies/{proxy}/faults/{fault}', 'delete /v1/proxies/{proxy}/faults/{fault}',
  'get /v1/faults', 'get /v1/halt', 'post /v1/halt', 'delete /v1/halt',
  'post /v1/runs', 'get /v1/runs', 'get /v1/runs/{run}', 'post /v1/runs/{run}/abort', 'post /v1/runs/{run}/heartbeat', 'get /v1/runs/{run}/report',
  'post /v1/runs/{run}/alerts', 'get /v1/history', 'get /v1/schedule', 'post /v1/plan', 'get /v1/events', 'get /v1/state', 'get /v1/tls/ca.pem', 'get /metrics', 'get /healthz', 'get /readyz',
  'post /v1/watches', 'get /v1/watches/{watch}', 'delete /v1/watches/{watch}', 'post /v1/watches/{watch}/phases', 'get /v1/sidecars',
  ...METHODS.map((method) => `${method} /v1/sidecars/{name}/{*}`)
]

test('OpenAPI says all of every route', async (t) => {
  const { api } = await createHarness(t)
  const document = (await api.inject('/openapi.json')).json<OpenApi>()
  t.match(document, { openapi: '3.1.0', info: { title: 'premortem', version: '1.2.3' } })

  const tags = new Set(document.tags.map((tag) => tag.name))
  const operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })))
  t.same(operations.map(({ name }) => name).sort(), [...WANTED].sort())

  const ids = operations.flatMap(({ operation }) => operation.operationId ?? [])
  t.equal(new Set(ids).size, ids.length, 'operation ids are unique')

  for (const { name, path, operation } of operations) {
    t.ok(operation.summary, `${name} has a summary`)
    t.ok(operation.tags?.length === 1 && tags.has(operation.tags[0]!), `${name} has a tag that exists`)
    const inPath = [...path.matchAll(/\{(.+?)\}/g)].map(([, parameter]) => parameter)
    t.same((operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name).sort(), inPath.sort(), `${name} declares its path parameters`)
    for (const parameter of operation.parameters ?? []) t.type(parameter.schema, 'object')
    t.equal(operation.responses['4XX']?.content?.['application/json']?.schema !== undefined, true, `${name} says how it refuses`)
    const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))
    t.ok(good.length > 0, `${name} has an answer`)
    for (const [status, answer] of good) {
      t.ok(answer.description, `${name} ${status} has a description`)
      if (status !== '204' && !name.includes('{*}')) t.ok(Object.values(answer.content ?? {})[0]?.schema, `${name} ${status} has a schema`)
    }
    for (const media of Object.values(operation.requestBody?.content ?? {})) t.type(media.schema, 'object')
  }
})

test('what may be left out is not required', async (t) => {
  const { api } = await createHarness(t)
  const { paths } = (await api.inject('/openapi.json')).json<OpenApi>()
  const body = paths['/v1/proxies/{proxy}']!.put!.requestBody!.content['application/json']!.schema as { required: string[] }
  t.same(body.required, ['listen', 'upstream'])
  t.match(paths['/v1/runs/{run}/report']!.get!.parameters?.find((parameter) => parameter.name === 'format'), { in: 'query', required: false })
  t.same(Object.keys(paths['/v1/runs']!.post!.requestBody!.content), ['application/json', 'application/yaml'])
})

test('every reference in OpenAPI leads somewhere', async (t) => {
  const { api } = await createHarness(t)
  const text = (await api.inject('/openapi.json')).body
  const document = JSON.parse(text) as OpenApi
  const found = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!))
  t.ok(found.size > 10)
  for (const to of found) {
    const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(to) ?? []
    t.ok(name !== undefined && document.components.schemas[name] !== undefined, to)
  }
  t.notMatch(text, '"$id"')
  t.notMatch(text, '#/definitions')
})

test('the documentation is a page', async (t) => {
  const { api } = await createHarness(t)
  const page = await api.inject('/docs/')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
  t.match(page.headers['content-security-policy'], "default-src 'self'")
})
