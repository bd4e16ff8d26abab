import { test } from 'tap'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { buildCertificate, distinguishedName } from '../../../src/proxy/tls/certificate.ts'
import { NULL, octets, oid, sequence, tagged, toDer } from '../../../src/proxy/tls/der.ts'
import type { Asn1 } from '../../../src/proxy/tls/der.ts'
import { EXTENSION } from '../../../src/proxy/tls/extensions.ts'
import { freshKey } from '../../../src/proxy/tls/keys.ts'
import { permittedBy } from '../../../src/proxy/tls/permitted.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const clock = createVirtualClock()

test('what a CA was made for is read back from it', async (t) => {
  const { root } = await createAuthority({ hosts: ['A.example', '10.0.0.1', '2001:db8::1'], clock })
  t.same(permittedBy(root), ['a.example', 'localhost', '127.0.0.0/8', '::1', '10.0.0.1', '2001:db8::1'])
  t.equal(permittedBy((await createAuthority({ hosts: [], clock, constrained: false })).root), null)
})

async function constrained (value: Asn1): Promise<Buffer> {
  const { publicKey, privateKey } = await freshKey('p-256')
  const name = distinguishedName({ commonName: 'x' })
  const at = new Date(clock.wall())
  const extensions = [sequence(oid(EXTENSION.nameConstraints), octets(toDer(value)))]
  return buildCertificate({
    issuer: name, subject: name, notBefore: at, notAfter: at, spki: publicKey.export({ type: 'spki', format: 'der' }), extensions
  }, privateKey)
}

test('names of other kinds, by the CAs of others, are named too', async (t) => {
  const names = [tagged(1, Buffer.from('example')), tagged(6, Buffer.from('.example')), tagged(4, [NULL]), tagged(8, Buffer.of(1)), tagged(7, Buffer.of(1))]
  const permitted = tagged(0, names.map((name) => sequence(name)))
  t.same(permittedBy(await constrained(sequence(permitted))), [
    'email:example', 'uri:.example', 'a name of kind 4', 'a name of kind 8', 'a name of kind 7'
  ])
  t.equal(permittedBy(await constrained(sequence(tagged(1, [sequence(tagged(2, Buffer.from('a')))])))), null, 'only excluded ones')
})

test('broken constraints are refused', async (t) => {
  for (const value of [NULL, sequence(tagged(0, [NULL])), sequence(tagged(0, [sequence()])), sequence(tagged(0, Buffer.of(1)))]) {
    const cert = await constrained(value)
    t.throws(() => permittedBy(cert), { code: 'PMT_ERR_CERTIFICATE' })
  }
})
