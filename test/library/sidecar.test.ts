import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import type { FaultHandle } from '../../src/library/fault-handle.ts'
import type { ExperimentInput, FaultOn, ProxyInput } from '../../src/library/input.ts'
import type { ProxyHandle } from '../../src/library/proxy-handle.ts'
import { startPremortem } from '../../src/library/start.ts'
import { eventually } from '../helpers/proxy.ts'
import { startHttpUpstream } from '../helpers/upstream.ts'
import { get, startShop } from './harness.ts'

const BROKEN = { on: 'shop', type: 'status', status: 503 } satisfies FaultOn

const hit = (fault: FaultHandle): Promise<void> => eventually(() => fault.landed, () => JSON.stringify(fault.counters))

test('withFault breaks what is in the callback, and nothing after it', async (t) => {
  const { premortem } = await startShop(t)
  const { url } = premortem.proxy('shop')
  const { counters, answer } = await premortem.withFault(BROKEN, async (fault) => {
    const answer = await get(url)
    return { answer, counters: fault.counters }
  })
  t.match(answer, /^503/)
  t.match(counters, { eligible: 1, injected: 1 })
  t.equal(await get(url), '200 hello')
})

test('a callback that throws leaves no fault behind', async (t) => {
  const { premortem } = await startShop(t)
  const { url } = premortem.proxy('shop')
  await t.rejects(premortem.withFault(BROKEN, async () => {
    t.match(await get(url), /^503/)
    throw new TypeError('the client could not cope')
  }, { mustHit: true }), { name: 'TypeError', message: 'the client could not cope' })
  t.equal(await get(url), '200 hello')
})

test('what hangs in a fault goes on when the callback is over', async (t) => {
  const { premortem } = await startShop(t)
  const { url } = premortem.proxy('shop')
  const pending = await premortem.withFault({ on: 'shop', type: 'hang' }, async (fault) => {
    const pending = get(url)
    await hit(fault)
    return { pending }
  })
  t.equal(await pending.pending, '200 hello')
})

test('silence is an error where mustHit asks for it', async (t) => {
  const { premortem } = await startShop(t)
  const { url } = premortem.proxy('shop')
  const elsewhere = { ...BROKEN, match: { path: '/elsewhere' } }
  t.equal(await premortem.withFault(elsewhere, () => get(url)), '200 hello')
  await t.rejects(premortem.withFault(elsewhere, () => get(url), { mustHit: true }), {
    code: 'PMT_ERR_FAULT_NOT_LANDED', message: /0 of 0 eligible/
  })
  await t.rejects(premortem.withFault({ ...BROKEN, share: '0%' }, () => get(url), { mustHit: true }), {
    code: 'PMT_ERR_FAULT_NOT_LANDED', message: /0 of 1 eligible .*1 spared by share/
  })
  t.same(premortem.proxy('shop').faults(), [])
})

test('several faults at once, on several proxies', async (t) => {
  const { premortem, upstream } = await startShop(t)
  await premortem.addProxy('bank', { upstream })
  const answers = await premortem.withFaults([BROKEN, { ...BROKEN, on: 'bank', status: 418 }], async (shop, bank) => {
    t.same([shop.on, bank.on], ['shop', 'bank'])
    return [await get(premortem.proxy('shop').url), await get(premortem.proxy('bank').url)]
  }, { mustHit: true })
  t.match(answers, [/^503/, /^418/])
  await t.rejects(premortem.withFaults([BROKEN, { ...BROKEN, on: 'bank' }], () => get(premortem.proxy('bank').url), { mustHit: true }), {
    code: 'PMT_ERR_FAULT_NOT_LANDED', details: { path: /^shop\./ }
  })
  await t.rejects(premortem.withFaults([BROKEN, { ...BROKEN, on: 'nowhere' }], () => t.fail('not to be called')), { code: 'PMT_ERR_PROXY_NOT_FOUND' })
  t.same(premortem.proxies().flatMap((proxy) => proxy.faults()), [])
})

test('a fault stays until it is removed; reset removes all', async (t) => {
  const { premortem } = await startShop(t, { proxies: { flaky: { upstream: '127.0.0.1:1', faults: [{ type: 'hang' }] } } })
  const { url } = premortem.proxy('shop')
  const fault = premortem.fault(BROKEN)
  t.match(await get(url), /^503/)
  fault.remove()
  t.equal(await get(url), '200 hello')
  using first = premortem.fault(BROKEN)
  using second = premortem.fault(BROKEN)
  premortem.reset()
  t.same([first.active, second.active, premortem.proxy('flaky').faults()], [false, false, []])
  t.equal(await get(url), '200 hello')
  premortem.reset()
})

test('withFault does not mind that its fault is gone already', async (t) => {
  const { premortem } = await startShop(t)
  t.equal(await premortem.withFault(BROKEN, (fault) => {
    fault.remove()
    return 'done'
  }), 'done')
  t.equal(await premortem.withFault(BROKEN, () => {
    premortem.reset()
    return 'done'
  }), 'done')
  t.equal(await premortem.withFault(BROKEN, async () => {
    await premortem.stop()
    return 'done'
  }), 'done')
})

test('proxies come and go', async (t) => {
  const { premortem, upstream } = await startShop(t)
  const late = await premortem.addProxy('late', { upstream, protocol: 'http', 'connect-timeout': '1s' })
  t.equal(await get(late.url), '200 hello')
  t.same(premortem.proxies().map(({ name }) => name), ['late', 'shop'])
  await t.rejects(premortem.addProxy('late', { upstream }), { code: 'PMT_ERR_PROXY_EXISTS', details: { path: 'name', found: 'late' } })
  await t.rejects(premortem.addProxy('x', { upstream, protocol: 'htpp' } as unknown as ProxyInput), { code: 'PMT_ERR_INVALID', details: { path: 'protocol', found: 'htpp', wanted: /http/ } })
  await t.rejects(premortem.addProxy('x', { upstream, listen: late.address }), { code: 'PMT_ERR_ADDRESS_IN_USE' })
  const { url } = late
  await premortem.removeProxy('late')
  await t.rejects(get(url), { cause: { code: 'ECONNREFUSED' } })
  await t.rejects(async () => premortem.removeProxy('late'), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'late', wanted: 'shop' } })
  t.throws(() => premortem.proxy('hsop'), { code: 'PMT_ERR_PROXY_NOT_FOUND', details: { found: 'hsop', wanted: 'shop' }, hint: /`shop`/ })
})

test('two sidecars in one process do not know of each other', async (t) => {
  const one = await startShop(t, { control: true })
  const two = await startShop(t, { control: true })
  t.not(one.premortem.controlUrl, two.premortem.controlUrl)
  await one.premortem.withFault(BROKEN, async () => {
    t.match(await get(one.premortem.proxy('shop').url), /^503/)
    t.equal(await get(two.premortem.proxy('shop').url), '200 hello')
    two.premortem.reset()
    t.match(await get(one.premortem.proxy('shop').url), /^503/)
  }, { mustHit: true })
  await one.premortem.stop()
  t.equal(await get(two.premortem.proxy('shop').url), '200 hello')
})

test('tests that run side by side, each with a proxy of its own', async (t) => {
  const { premortem, upstream } = await startShop(t)
  const work = async (proxy: ProxyHandle, status: number): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      const answers = await proxy.withFault({ type: 'status', status }, () => Promise.all([get(proxy.url), get(proxy.url)]), { mustHit: true })
      t.same(answers.map((answer) => Number(answer.slice(0, 3))), [status, status])
      t.equal(await get(proxy.url), '200 hello')
    }
  }
  await Promise.all([500, 501, 502, 503].map(async (status) => work(await premortem.addProxy(`p${status}`, { upstream }), status)))
})

test('side by side on one proxy, each hits only its own traffic', async (t) => {
  const { premortem } = await startShop(t)
  const { url } = premortem.proxy('shop')
  await Promise.all([500, 501, 502, 503].map((status) => premortem.withFault(
    { ...BROKEN, status, match: { header: { 'x-test': `t${status}` } } },
    async (fault) => {
      for (let i = 0; i < 5; i++) t.match(await get(url, { 'x-test': `t${status}` }), new RegExp(`^${status}`))
      t.equal(fault.counters.eligible, 5)
    }
  )))
})

test('stopping twice, and stopping with requests in flight', async (t) => {
  const { premortem } = await startShop(t)
  const shop = premortem.proxy('shop')
  const slow = premortem.fault({ on: 'shop', type: 'delay', delay: '1h' })
  const pending = get(shop.url)
  await hit(slow)
  const stopping = premortem.stop()
  t.equal(premortem.stop(), stopping, 'the second joins the first')
  await t.rejects(pending, { cause: { code: /ECONNRESET|UND_ERR_SOCKET/ } })
  await stopping
  await premortem[Symbol.asyncDispose]()
  t.same([slow.active, slow.counters.injected, shop.connections()], [false, 1, []])
  t.throws(() => premortem.fault(BROKEN), { code: 'PMT_ERR_STATE', hint: /startPremortem/ })
  await t.rejects(premortem.addProxy('late', { upstream: '127.0.0.1:1' }), { code: 'PMT_ERR_STATE' })
})

test('draining lets what is in hand end', async (t) => {
  const { premortem } = await startShop(t)
  const slow = premortem.fault({ on: 'shop', type: 'delay', delay: '50ms' })
  const pending = get(premortem.proxy('shop').url)
  await hit(slow)
  await premortem.drain()
  t.equal(await pending, '200 hello')
})

async function experiment (t: Test) {
  const { address } = await startHttpUpstream(t, (_, response) => { response.end('hello') })
  const data = t.testdir({})
  const premortem = await startPremortem({ seed: 1, data: join(data, 'runs-go-here'), proxies: { shop: { upstream: address } } })
  t.teardown(() => premortem.stop())
  const document: ExperimentInput = {
    title: 'What if the shop is broken?',
    'steady-state': { at: 'shop', objectives: ['success >= 90%'] },
    load: { url: premortem.proxy('shop').url, rate: '100/s' },
    phases: { baseline: '1s', fault: '1s', recovery: '1s' },
    faults: [BROKEN]
  }
  return { premortem, data: join(data, 'runs-go-here'), document }
}

test('an experiment runs to its verdict, and only then is there a folder', async (t) => {
  const { premortem, data, document } = await experiment(t)
  t.notOk(existsSync(data))
  const result = await premortem.run(document, { seed: 5 })
  t.match(result, { outcome: 'breached', exitCode: 1, seed: 5, faults: [{ landed: true, removed: true }] })
  t.ok(existsSync(join(result.folder, 'journal.jsonl')))
  await t.rejects(premortem.run({ ...document, faults: [] }), { code: 'PMT_ERR_INVALID', details: { path: 'faults' } })
})

test('a signal interrupts a run, and so does the end of the sidecar', async (t) => {
  const { premortem, document } = await experiment(t)
  const long: ExperimentInput = { ...document, phases: { baseline: '1h', fault: '1s', recovery: '1s' } }
  const controller = new AbortController()
  const running = premortem.run(long, { signal: controller.signal })
  setImmediate(() => controller.abort(new Error('the test timed out')))
  t.match(await running, { outcome: 'interrupted', reasons: [/the test timed out/] })
  await t.rejects(premortem.run(long, { signal: controller.signal }), { message: 'the test timed out' })
  const cut = premortem.run(long)
  setImmediate(() => { void premortem.stop() })
  t.match(await cut, { outcome: 'interrupted' })
  await t.rejects(premortem.run(long), { code: 'PMT_ERR_STATE' })
})
