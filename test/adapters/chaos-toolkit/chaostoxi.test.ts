import { test } from 'tap'
import { CHAOSTOXI } from '../../../src/adapters/chaos-toolkit/chaostoxi.ts'
import type { ChaostoxiTools } from '../../../src/adapters/chaos-toolkit/chaostoxi.ts'
import type { JsonObject } from '../../../src/adapters/chaos-toolkit/types.ts'

type Answer = (method: string, path: string, body?: JsonObject) => JsonObject | null

function world (answer: Answer): ChaostoxiTools & { calls: unknown[][] } {
  const calls: unknown[][] = []
  return {
    configuration: {}, env: { UP: 'db' }, calls, toxiproxy: {
      call: async (...call) => {
        calls.push(call)
        return answer(...call)
      }
    }
  }
}
const echo = (_: string, __: string, body?: JsonObject): JsonObject => ({ name: 'p', listen: '127.0.0.1:5555', ...body, ...(body?.listen === undefined ? {} : { listen: '[::]:6666' }) })
const does = (name: string, args: JsonObject, tools: ChaostoxiTools) => CHAOSTOXI[`chaostoxi.${name}`]!.does(args, tools)

test('proxies, and the port they get', async (t) => {
  const tools = world(echo)
  t.equal(await does('proxy.actions.create_proxy', { proxy_name: 'p', upstream_host: 'env:UP', upstream_port: 5432 }, tools), true)
  t.strictSame(tools.calls.pop(), ['POST', '/proxies', { name: 'p', listen: '0.0.0.0:0', upstream: 'db:5432', enabled: true }])
  t.strictSame([tools.configuration.p_PORT, tools.env.p_PORT], ['6666', '6666'])
  t.equal(await does('proxy.actions.disable_proxy', { proxy_name: 'p' }, tools), true)
  t.strictSame(tools.calls.pop(), ['POST', '/proxies/p', { enabled: false }])
  t.equal(tools.configuration.p_PORT, '5555')
  await does('proxy.actions.enable_proxy', { proxy_name: 'a:b' }, tools)
  t.strictSame(tools.calls.pop(), ['POST', '/proxies/a%3Ab', { enabled: true }])
  await does('proxy.actions.modify_proxy', { proxy_name: 'p', listen_address: 'x:1', upstream_address: 'y:2', enabled: null }, tools)
  t.strictSame(tools.calls.pop(), ['POST', '/proxies/p', { listen: 'x:1', upstream: 'y:2' }])
  t.equal(await does('proxy.actions.delete_proxy', { proxy_name: 'p' }, tools), null)
  t.equal(await does('proxy.actions.reset', {}, tools), true)
  t.strictSame(tools.calls, [['DELETE', '/proxies/p'], ['POST', '/reset']])
  t.equal(await does('proxy.probes.proxy_exist', { proxy_name: 'p' }, tools), true)
  t.equal(await does('proxy.probes.get_proxy_attribute', { proxy_name: 'p', attribute: 'listen' }, tools), '127.0.0.1:5555')
  await t.rejects(does('proxy.probes.get_proxy_attribute', { proxy_name: 'p', attribute: 'colour' }, tools), { name: 'ActivityFailed' })
})

test('toxics of every type', async (t) => {
  for (const [name, args, type, attributes] of [
    ['create_latency_toxic', { latency: 100 }, 'latency', { latency: 100, jitter: 0 }],
    ['create_latency_toxic', { latency: 100, jitter: 5 }, 'latency', { latency: 100, jitter: 5 }],
    ['create_bandwith_degradation_toxic', { rate: 9 }, 'bandwidth', { rate: 9 }],
    ['create_slow_connection_close_toxic', { delay: 9 }, 'slow_close', { delay: 9 }],
    ['create_timeout_toxic', { timeout: 9 }, 'timeout', { timeout: 9 }],
    ['create_slicer_toxic', { average_size: 3, size_variation: 2, delay: 1 }, 'slicer', { average_size: 3, size_variation: 2, delay: 1 }],
    ['create_limiter_toxic', { bytes_limit: 9 }, 'limit_data', { bytes: 9 }]
  ] as [string, JsonObject, string, JsonObject][]) {
    const tools = world(echo)
    t.equal(await does(`toxic.actions.${name}`, { for_proxy: 'p', toxic_name: 't', ...args }, tools), true, name)
    t.strictSame(tools.calls, [['POST', '/proxies/p/toxics', { name: 't', type, stream: 'downstream', toxicity: 1, attributes }]])
  }
  const tools = world(echo)
  await does('toxic.actions.create_toxic', { for_proxy: 'p', toxic_name: 't', toxic_type: 'latency', stream: 'upstream', toxicity: 0.5, attributes: { latency: 1 } }, tools)
  await does('toxic.actions.delete_toxic', { for_proxy: 'p', toxic_name: 't' }, tools)
  t.strictSame(tools.calls, [
    ['POST', '/proxies/p/toxics', { name: 't', type: 'latency', stream: 'upstream', toxicity: 0.5, attributes: { latency: 1 } }], ['DELETE', '/proxies/p/toxics/t']
  ])
})

test('what is not there fails, but for the question whether it is', async (t) => {
  const tools = world(() => null)
  for (const [name, args] of [
    ['proxy.actions.disable_proxy', { proxy_name: 'p' }], ['proxy.actions.delete_proxy', { proxy_name: 'p' }], ['toxic.actions.delete_toxic', { for_proxy: 'p', toxic_name: 't' }],
    ['toxic.actions.create_timeout_toxic', { for_proxy: 'p', toxic_name: 't', timeout: 1 }]
  ] as [string, JsonObject][]) await t.rejects(does(name, args, tools), { name: 'ActivityFailed', message: /there is no `[pt]`/ }, name)
  t.equal(await does('proxy.probes.proxy_exist', { proxy_name: 'p' }, tools), false)
  t.equal(await does('proxy.probes.get_proxy_attribute', { proxy_name: 'p', attribute: 'listen' }, tools), null)
  await t.rejects(does('proxy.actions.create_proxy', { proxy_name: 'p', upstream_host: 'env:NO', upstream_port: 1 }, tools), { message: /no NO in the environment/ })
})
