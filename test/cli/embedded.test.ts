import { test } from 'tap'
import { createEmbeddedTarget } from '../../src/cli/embedded.ts'
import { decodeConfig } from '../../src/config/schema.ts'
import { silentLogger } from '../../src/kernel/log.ts'
import { startService } from './harness.ts'

test('runs happen in this process, and end with it', async (t) => {
  const port = await startService(t)
  const config = decodeConfig({ data: t.testdir({}), proxies: [{ name: 'edge', listen: '127.0.0.1:0', protocol: 'http', upstream: `127.0.0.1:${port}` }] }, () => '')
  const target = await createEmbeddedTarget(config, silentLogger)
  const document = {
    title: 'x',
    'steady-state': { at: 'edge', objectives: ['success >= 90%'] },
    phases: { baseline: '60s', fault: '1s', recovery: '1s' },
    faults: [{ type: 'hang', on: 'edge' }]
  }
  t.match(await target.plan(document), { problems: [], canConclude: false })
  const { id } = await target.start(document, 5)
  const seen: string[] = []
  const unfollow = target.follow(id, ({ state, seed }) => { seen.push(`${state} ${seed}`) })
  t.same(seen, ['running 5'], 'at once')
  await target.interrupt(id, 'that is enough')
  t.match(await target.result(id), { outcome: 'interrupted', reasons: [/that is enough/] })
  t.equal(seen.at(-1), 'ended 5')
  unfollow()
  await target.close()
  await t.rejects(target.start(document, 5), { code: 'PMT_ERR_STATE' })
})
