import { test } from 'tap'
import { compileArms, stickyDraw } from '../../src/faults/arms.ts'

const named = (user: string | undefined) => ({ header: (name: string) => name === 'x-user-id' ? user : undefined })

test('without rules there are no arms', async (t) => t.equal(compileArms(), null))

test('by a key, each user is where its fault has it, whoever asks', async (t) => {
  const armOf = compileArms([{ fault: 'f', by: 'header:x-user-id', seed: 5, share: 0.3 }])!
  const users = Array.from({ length: 2000 }, (_, i) => `user-${i}`)
  for (const user of users) t.equal(armOf(named(user)), stickyDraw(5, user) < 0.3 ? 'fault' : 'control')
  const hit = users.filter((user) => armOf(named(user)) === 'fault').length
  t.ok(hit > 500 && hit < 700, `${hit} of 2000`)
  t.equal(armOf(named(undefined)), null, 'who has no key is in no arm')
  t.equal(armOf({}), null)
})

test('without a key, by what the dice said', async (t) => {
  const armOf = compileArms([{ fault: 'f', by: null, seed: 5, share: 0.3 }])!
  const drawn = (said: boolean | undefined) => ({ drawn: (fault: string) => fault === 'f' ? said : undefined })
  t.equal(armOf(drawn(true)), 'fault')
  t.equal(armOf(drawn(false)), 'control')
  t.equal(armOf(drawn(undefined)), null, 'what did not fit is no control')
})

test('of several faults, one is enough, and only who is spared by all is control', async (t) => {
  const rule = (fault: string) => ({ fault, by: null, seed: 0, share: 0.5 })
  const armOf = compileArms([rule('a'), rule('b')])!
  const drawn = (said: Record<string, boolean>) => ({ drawn: (fault: string) => said[fault] })
  t.equal(armOf(drawn({ a: false, b: true })), 'fault')
  t.equal(armOf(drawn({ a: false, b: false })), 'control')
  t.equal(armOf(drawn({ a: false })), null)
  t.equal(armOf(drawn({ b: true })), 'fault')
})
