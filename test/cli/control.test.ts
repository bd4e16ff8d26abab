import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Context } from '../../src/cli/command.ts'
import { controlIsGiven, findConfig, openClient, openTarget } from '../../src/cli/control.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { startSidecar } from './harness.ts'

function createContext (env: Record<string, string> = {}): { context: Context, said: string[] } {
  const said: string[] = []
  const context: Context = {
    stdout: { write () {} },
    stderr: { write: (text) => { said.push(text) } },
    env,
    signal: new AbortController().signal,
    clock: createSystemClock(),
    json: false,
    look: { color: false, width: 80 }
  }
  return { context, said }
}

const NOBODY = 'http://127.0.0.1:1'
const CONFIG = 'proxies:\n  - { name: mine, listen: 127.0.0.1:0, protocol: http, upstream: 127.0.0.1:1 }\n'

/** The name of the proxy that a target knows tells which one it is. */
async function knows (t: Test, target: Awaited<ReturnType<typeof openTarget>>, name: string): Promise<void> {
  const { problems } = await target.plan({
    title: 'x',
    'steady-state': { at: name, objectives: ['success >= 90%'] },
    phases: { baseline: '1s', fault: '1s', recovery: '1s' },
    faults: [{ type: 'hang', on: name }]
  })
  t.same(problems, [])
  await target.close()
}

test('the flag wins over the environment, and the environment over the usual address', async (t) => {
  const { context } = createContext({ PREMORTEM_CONTROL: 'http://127.0.0.1:2' })
  t.equal(openClient({ control: '127.0.0.1:3' }, context).url, 'http://127.0.0.1:3', 'http:// may be left out')
  t.equal(openClient({}, context).url, 'http://127.0.0.1:2')
  t.equal(openClient({}, createContext({ PREMORTEM_CONTROL: '' }).context).url, 'http://127.0.0.1:8474')
  t.ok(controlIsGiven({}, context))
  t.notOk(controlIsGiven({}, createContext().context))
  t.throws(() => openClient({}, createContext({ PREMORTEM_CONTROL: 'http://a/b' }).context), { code: 'PMT_ERR_INVALID', details: { path: 'PREMORTEM_CONTROL' } })
})

test('a sidecar at the usual address is used, and said', async (t) => {
  const { control } = await startSidecar(t)
  const { context, said } = createContext()
  const target = await openTarget({}, context, { url: control, files: [] })
  t.same(said, [`premortem: using the sidecar at ${control}\n`])
  await knows(t, target, 'edge')
})

test('else a configuration at the usual place is used, and said', async (t) => {
  const file = join(t.testdir({ 'c.yaml': CONFIG }), 'c.yaml')
  const { context, said } = createContext()
  const target = await openTarget({}, context, { url: NOBODY, files: ['none', file] })
  t.same(said, [`premortem: no sidecar at ${NOBODY}; using ${file} in this process\n`])
  await knows(t, target, 'mine')
})

test('what answers there and is no premortem is not used', async (t) => {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await t.rejects(openTarget({}, createContext().context, { url, files: [] }), { code: 'PMT_ERR_USAGE' })
})

test('else the three ways are named', async (t) => {
  await t.rejects(openTarget({}, createContext().context, { url: NOBODY, files: ['none'] }), {
    code: 'PMT_ERR_USAGE', details: { found: `nothing at ${NOBODY}, no none`, wanted: /--control URL.*--config FILE.*PREMORTEM_CONTROL/ }
  })
})

test('what was asked for is used without a word', async (t) => {
  const { control } = await startSidecar(t)
  const { context, said } = createContext({ PREMORTEM_CONTROL: control })
  await knows(t, await openTarget({}, context), 'edge')
  await knows(t, await openTarget({ config: join(t.testdir({ 'c.yaml': CONFIG }), 'c.yaml') }, context), 'mine')
  t.same(said, [])
})

test('the sample configuration is found in a clone', async (t) => {
  t.equal(findConfig(), 'config/premortem.yaml')
  t.equal(findConfig(['none']), undefined)
})
