import { test } from 'tap'
import { RULES, importsOf, isTypesOnly, readSources, untested } from './helpers/architecture.ts'

const sources = await readSources(new URL('../src/', import.meta.url))

test('there is something to look at', async (t) => {
  t.ok(sources.size > 30)
  t.ok(sources.has('kernel/clock.ts'))
})

for (const [name, rule] of Object.entries(RULES)) {
  test(name, async (t) => t.strictSame(rule(sources), []))
}

test('every source has a test of the same relative name', async (t) => {
  const tests = await readSources(new URL('../test/', import.meta.url))
  t.strictSame(untested(sources, new Set(tests.keys())), [])
})

// Each rule is only worth something if it would notice.
const BROKEN: Record<string, Record<string, string>[]> = {
  'imports only from a lower line, or from the same room': [
    { 'kernel/a.ts': "import { b } from '../faults/b.ts'", 'faults/b.ts': '' },
    { 'faults/a.ts': "import type { B } from '../measure/b.ts'", 'measure/b.ts': '' },
    { 'proxy/a.ts': "type B = import('../experiment/b.ts').B", 'experiment/b.ts': '' },
    { 'config/a.ts': "const b = await import('../report/b.ts')", 'report/b.ts': '' },
    { 'api/a.ts': "import {\n  b\n} from '../main.ts'", 'main.ts': '' },
    { 'cli/a.ts': "export { b } from '../index.ts'", 'index.ts': '' },
    { 'kernel/a.ts': "import '../../test/helpers/clock.ts'" },
    { 'cli/a.ts': "import '../dashboard/b.ts'" },
    { 'cellar/a.ts': "import '../kernel/b.ts'" }
  ],
  'no cycles between files': [
    { 'kernel/a.ts': "import './b.ts'", 'kernel/b.ts': "import './c.ts'", 'kernel/c.ts': "import type { A } from './a.ts'" },
    { 'kernel/a.ts': "import './a.ts'" }
  ],
  'no export *': [{ 'index.ts': "export * from './premortem.ts'" }, { 'index.ts': "export * as all from './premortem.ts'" }],
  're-exports only in index.ts': [
    { 'kernel/a.ts': "export { b } from './b.ts'" }, { 'kernel/a.ts': "export type { B } from './b.ts'" },
    { 'kernel/a.ts': "import { b } from './b.ts'\nexport { b }" }
  ],
  'sockets only in proxy, and node:http and https in demo': [
    { 'api/a.ts': "import { connect } from 'node:net'" }, { 'cli/a.ts': "import { isIP, createServer } from 'node:net'" },
    { 'cli/a.ts': "import * as tls from 'node:tls'" }, { 'demo/a.ts': "import http2 from 'http2'" },
    { 'demo/a.ts': "const { connect } = await import('node:net')" }, { 'kernel/a.ts': "import 'node:dgram'" },
    { 'adapters/a.ts': "import { request } from 'node:http'" },
    { 'api/a.ts': "import type { Socket } from 'node:net'\nimport net from 'node:net'" }
  ],
  'fastify only in api': [{ 'premortem.ts': "import fastify from 'fastify'" }, { 'demo/a.ts': "import '@fastify/swagger'" }],
  'yargs only in cli': [{ 'main.ts': "import yargs from 'yargs'" }, { 'config/a.ts': "import { hideBin } from 'yargs/helpers'" }],
  'timers, wall clock and chance only in kernel': [
    { 'proxy/a.ts': 'setTimeout(f, 1)' }, { 'proxy/a.ts': 'const wait = { setInterval }' }, { 'proxy/a.ts': 'globalThis.setImmediate(f)' },
    { 'cli/a.ts': 'const now = Date.now()' }, { 'cli/a.ts': 'const now = new Date()' }, { 'cli/a.ts': 'const now = new Date' },
    { 'cli/a.ts': 'const now = Date()' }, { 'api/a.ts': 'performance.now()' }, { 'api/a.ts': 'const p = performance' },
    { 'api/a.ts': 'Math.random()' }, { 'api/a.ts': 'const { random } = Math, r = Math.random' }, { 'api/a.ts': 'fetch(u, { signal: AbortSignal.timeout(5) })' },
    { 'demo/a.ts': "import { setTimeout as sleep } from 'node:timers/promises'" }, { 'demo/a.ts': 'process.hrtime.bigint()' }
  ],
  'process.exit only in main.ts': [{ 'cli/a.ts': 'process.exit(1)' }],
  'no file over 400 lines': [{ 'kernel/a.ts': 'export {}\n'.repeat(401) }]
}

test('every rule notices what breaks it', async (t) => {
  t.strictSame(Object.keys(BROKEN), Object.keys(RULES))
  for (const [name, examples] of Object.entries(BROKEN)) {
    for (const example of examples) t.ok(RULES[name]!(new Map(Object.entries(example))).length > 0, `${name}: ${Object.values(example)[0]!.slice(0, 60)}`)
  }
})

test('and nothing else', async (t) => {
  const fine = new Map(Object.entries({
    'kernel/clock.ts': 'setTimeout(f, 1); const now = Date.now() + Math.random()',
    'proxy/a.ts': "import net from 'node:net'\nimport { b } from '../faults/b.ts'\nimport pkg from '../../package.json'",
    'faults/b.ts': [
      "import type { Clock } from '../kernel/clock.ts'", '// setTimeout, Date.now(), export * from nothing', "const text = 'process.exit(1)'",
      'interface Timers { setTimeout: number, performance: number }', 'socket.setTimeout(5)', 'clock.performance', 'new Date(clock.wall())', 'export const b = 1'
    ].join('\n'),
    'demo/d.ts': "import { createServer } from 'node:http'\nimport { Agent } from 'node:https'\nimport type { AddressInfo } from 'node:net'",
    'api/e.ts': "import { BlockList, isIP } from 'node:net'\nimport { STATUS_CODES, type Server } from 'node:http'",
    'cli/c.ts': "import yargs from 'yargs'\nprocess.exitCode = 1",
    'index.ts': "export { b } from './faults/b.ts'",
    'main.ts': 'process.exit(0)'
  }))
  for (const [name, rule] of Object.entries(RULES)) t.strictSame(rule(fine), [], name)
})

test('imports are found however they are written', async (t) => {
  t.strictSame(importsOf('a.ts', [
    "import 'a'", "import b from 'b'", "import {\n  c\n} from 'c'", "import type { D } from 'd'", "export { e } from 'e'", "const f = import('f')",
    "type G = import('g').G", "// import 'comment'", "const text = `import 'text'`"
  ].join('\n')), ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
})

test('a source without a test is named; one with types only needs none', async (t) => {
  const types = "import type { A } from './a.ts'\nexport interface B { a: A }\nexport type C = B"
  t.ok(isTypesOnly('kernel/b.ts', types))
  t.notOk(isTypesOnly('kernel/b.ts', `${types}\nexport const d = 1`))
  const files = new Map([['kernel/a.ts', 'export const a = 1'], ['kernel/b.ts', types], ['kernel/c.ts', 'export const c = 1'], ['main.ts', 'run()']])
  t.strictSame(untested(files, new Set(['kernel/a.test.ts'])), ['kernel/c.ts'])
})
