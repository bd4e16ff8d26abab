import { createHash } from 'node:crypto'
import { test } from 'tap'
import { fingerprint } from '../../src/experiment/fingerprint.ts'

test('it is the SHA-256 of the canonical JSON', async (t) => {
  const wanted = createHash('sha256').update('{"a":[1,"two",null,true],"b":{"c":0.5}}').digest('hex')
  t.equal(fingerprint({ b: { c: 0.5 }, a: [1, 'two', null, true] }), wanted)
})

test('the order of keys does not matter, the order of lists does', async (t) => {
  t.equal(fingerprint({ a: 1, b: { x: 1, y: 2 } }), fingerprint({ b: { y: 2, x: 1 }, a: 1 }))
  t.not(fingerprint([1, 2]), fingerprint([2, 1]))
})

test('what is undefined is not there', async (t) => {
  t.equal(fingerprint({ a: 1, b: undefined }), fingerprint({ a: 1 }))
})
