import { join } from 'node:path'
import { test } from 'tap'
import { cli, startSidecar } from '../harness.ts'

const experiment = (objective: string, on = 'edge'): string => `title: Can it conclude?
steady-state: { at: raw, objectives: [${objective}] }
load: { url: "http://127.0.0.1:1/", rate: 100/s }
phases: { baseline: 1s, fault: 1s, recovery: 1s }
faults:
  - { type: hang, on: ${on} }
`

test('it says what an experiment needs, and by its exit code whether that is there', async (t) => {
  const { control } = await startSidecar(t)
  const folder = t.testdir({ 'enough.yaml': experiment('success >= 90%'), 'short.yaml': experiment('success >= 99.99%'), 'wrong.yaml': experiment('success >= 90%', 'egde') })
  const plan = (name: string, ...more: string[]) => cli(['plan', join(folder, name), '--control', control, ...more])
  t.match(await plan('enough.yaml'), { code: 0, out: /takes 3s and can conclude\n[^]*success >= 90% +fault +100 +\d+ / })
  t.match(await plan('short.yaml'), { code: 3, out: /cannot conclude\n[^]*nothing|short/ })
  t.match(await plan('wrong.yaml'), { code: 3, out: /problem: faults\.0\.on: .*egde/ })
  t.match(JSON.parse((await plan('enough.yaml', '--json')).out), { canConclude: true, problems: [] })
})

test('nothing is injected', async (t) => {
  const { control, premortem } = await startSidecar(t)
  const file = join(t.testdir({ 'e.yaml': experiment('success >= 90%') }), 'e.yaml')
  const events: string[] = []
  t.teardown(premortem.events.subscribe(({ type }) => { events.push(type) }))
  await cli(['plan', file, '--control', control])
  t.same(events.filter((type) => type.startsWith('fault.') || type.startsWith('run.')), [])
})
