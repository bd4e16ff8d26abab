import { test } from 'tap'
import { adapt, loadDocument } from '../../src/demo/experiments.ts'
import { startShop } from '../../src/demo/shop.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { createSystemClock } from '../../src/kernel/clock.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { Premortem } from '../../src/premortem.ts'
import { renderTerminal } from '../../src/report/terminal.ts'
import { PLAIN } from '../../src/report/layout.ts'

test('the naive shop with three users in ten hit: the control arm tells in half the time of before and after', async (t) => {
  const clock = createSystemClock()
  const shop = await startShop({ resilient: false, clock, random: createRandom(1) })
  t.teardown(() => shop.stop())
  const proxies = [
    { name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: shop.edge },
    { name: 'payments', listen: '127.0.0.1:0', protocol: 'http', upstream: shop.payments.map(({ name, address }) => `${name}=${address}`) }
  ]
  const premortem = new Premortem(decodeConfig({ data: t.testdir(), proxies }, () => ''), { clock, control: false, seed: 7 })
  await premortem.start()
  t.teardown(() => premortem.stop())
  const addressOf = (name: string): string => `127.0.0.1:${premortem.proxies.get(name).address.port}`
  shop.connect(addressOf('payments'))

  const document = adapt(await loadDocument('some-users.yaml'), {
    rate: 100, phases: { warmup: '500ms', baseline: '4s', fault: '6s', recovery: '3s' }
  }, addressOf('edge'))
  const { id } = await premortem.runs.start(document)
  const result = await premortem.runs.result(id)
  t.comment(renderTerminal(result, PLAIN))

  t.equal(result.outcome, 'breached')
  const { comparison } = result
  t.match(comparison, { design: 'concurrent', against: 'control' })
  const slow = comparison!.deviations.find(({ objective }) => objective === 'p95 <= 300ms')!
  const before = comparison!.beforeAfter.find(({ objective }) => objective === 'p95 <= 300ms')!
  t.equal(slow.verdict, 'deviated')
  t.ok(slow.with.bad / slow.with.n > 0.95, `of the fault arm nearly all are slow: ${slow.with.bad} of ${slow.with.n}`)
  t.ok(slow.without.bad / slow.without.n < 0.05, `of the control arm hardly any: ${slow.without.bad} of ${slow.without.n}`)
  t.equal(before.verdict, 'deviated', 'before and after comes to the same')
  t.ok(slow.conclusiveAfter! <= before.conclusiveAfter! / 2, `${slow.conclusiveAfter} ms with a control arm, ${before.conclusiveAfter} ms before and after`)
  const fault = result.phases.find(({ name }) => name === 'fault')!
  t.equal(fault.arms!.fault.n + fault.arms!.control.n, fault.n, 'every request is in one arm')
  t.ok(comparison!.words.some((words) => words.includes('with a control arm; before and after would have taken')))
})
