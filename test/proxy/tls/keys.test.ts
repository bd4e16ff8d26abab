import { generateKeyPairSync } from 'node:crypto'
import { test } from 'tap'
import { SharedKeys, freshKey, kindLike } from '../../../src/proxy/tls/keys.ts'
import type { KeyKind } from '../../../src/proxy/tls/keys.ts'

const DETAILS: Record<KeyKind, object> = {
  'rsa-2048': { modulusLength: 2048 }, 'p-256': { namedCurve: 'prime256v1' }, 'p-384': { namedCurve: 'secp384r1' }
}

test('keys are made of each kind, and are like themselves', async (t) => {
  for (const [kind, details] of Object.entries(DETAILS)) {
    const { publicKey, privateKey } = await freshKey(kind as KeyKind)
    t.match(publicKey.asymmetricKeyDetails, details)
    t.equal(privateKey.type, 'private')
    t.equal(kindLike(publicKey), kind)
  }
})

test('other keys are like the nearest kind', async (t) => {
  t.equal(kindLike(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'rsa-2048')
  t.equal(kindLike(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey), 'rsa-2048')
  t.equal(kindLike(generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).publicKey), 'p-384')
  t.equal(kindLike(generateKeyPairSync('ed25519').publicKey), 'p-256')
})

test('one key of a kind is shared', async (t) => {
  const keys = new SharedKeys()
  const [one, same, other] = await Promise.all([keys.get('p-256'), keys.get('p-256'), keys.get('p-384')])
  t.equal(one, same)
  t.not(one, other)
  t.notOk((await new SharedKeys().get('p-256')).publicKey.equals(one.publicKey))
})
