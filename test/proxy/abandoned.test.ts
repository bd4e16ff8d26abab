import { test } from 'tap'
import { Abandoned } from '../../src/proxy/abandoned.ts'

test('what comes is lost; whoever was left ends by itself', async (t) => {
  const said: string[] = []
  const handler = new Abandoned({ end: (outcome) => { said.push(`end ${outcome}`) }, reset: (outcome) => { said.push(`reset ${outcome}`) } }, 'client')
  t.match(handler.name, /client/)
  handler.clientData()
  handler.upstreamData()
  t.equal(handler.upstreamBroken(), false)
  t.same([said, handler.openSince, handler.keeps], [[], null, false])
  handler.clientEnd()
  handler.upstreamEnd()
  handler.drain()
  t.same(said, ['end reset', 'end reset', 'reset reset'])
})
