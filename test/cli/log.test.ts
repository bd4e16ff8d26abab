import { stripVTControlCharacters } from 'node:util'
import { test } from 'tap'
import { createLogger } from '../../src/cli/log.ts'

const setUp = (isTTY: boolean, level = 'info') => {
  const lines: string[] = []
  return { lines, log: createLogger({ isTTY, write: (text) => { lines.push(text) } }, level) }
}

test('in a pipe lines are JSON', async (t) => {
  const { lines, log } = setUp(false)
  log.info({ proxy: 'edge' }, 'listens')
  t.match(JSON.parse(lines[0]!), { level: 'info', proxy: 'edge', msg: 'listens', time: Number })
})

test('on a terminal they are for people', async (t) => {
  const { lines, log } = setUp(true)
  log.child({ run: 'r' }).warn({ n: 1, list: ['a'] }, 'careful')
  t.match(stripVTControlCharacters(lines[0]!), /^\r\d\d:\d\d:\d\d\.\d{3} warn {2}careful run=r n=1 list=\["a"\]\n$/)
})

test('what is below the level is not said', async (t) => {
  const { lines, log } = setUp(false, 'warn')
  log.info('x')
  t.same(lines, [])
})
