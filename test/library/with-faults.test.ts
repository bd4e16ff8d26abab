import { test } from 'tap'
import type { FaultHandle } from '../../src/library/fault-handle.ts'
import { withFaults } from '../../src/library/with-faults.ts'

/** Sets nothing real, and tells what was done in which order. A name in `refused` cannot be set, one in `missed` hits nothing. */
function recorder ({ refused = '', missed = '' } = {}) {
  const done: string[] = []
  const set = (name: string): FaultHandle => {
    if (name === refused) throw new Error(`${name} refused`)
    done.push(`set ${name}`)
    const handle: Partial<FaultHandle> = {
      id: name,
      remove: () => { done.push(`remove ${name}`) },
      mustHit: () => { if (name === missed) throw new Error(`${name} missed`) }
    }
    return handle as FaultHandle
  }
  return { done, set }
}

test('they are set before, removed after, and the result is the callback\'s', async (t) => {
  const { done, set } = recorder()
  const result = await withFaults(['a', 'b'] as const, set, async (a, b) => {
    done.push(`under ${a.id} and ${b.id}`)
    await Promise.resolve()
    done.push('still')
    return 42
  })
  t.equal(result, 42)
  t.strictSame(done, ['set a', 'set b', 'under a and b', 'still', 'remove a', 'remove b'])
  t.equal(await withFaults([], set, () => 'at once'), 'at once')
})

test('they are removed when the callback throws, and its error stands', async (t) => {
  const { done, set } = recorder({ missed: 'a' })
  const error = new Error('the test failed')
  await t.rejects(withFaults(['a'], set, () => { throw error }, { mustHit: true }), error)
  await t.rejects(withFaults(['a'], set, () => Promise.reject(error)), error)
  t.strictSame(done, ['set a', 'remove a', 'set a', 'remove a'])
})

test('if one cannot be set, the callback does not run and none stays', async (t) => {
  const { done, set } = recorder({ refused: 'b' })
  await t.rejects(withFaults(['a', 'b', 'c'], set, () => { done.push('under') }), { message: 'b refused' })
  t.strictSame(done, ['set a', 'remove a'])
})

test('mustHit asks each of them, before they are removed', async (t) => {
  const { done, set } = recorder({ missed: 'b' })
  await t.rejects(withFaults(['a', 'b'], set, () => 1, { mustHit: true }), { message: 'b missed' })
  t.strictSame(done, ['set a', 'set b', 'remove a', 'remove b'])
  t.equal(await withFaults(['a', 'b'], set, () => 1), 1, 'nobody asked')
  t.equal(await withFaults(['a'], set, () => 1, { mustHit: true }), 1)
})
