import { X509Certificate, createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Authority, DAYS, SKEW, createAuthority } from '../../../src/proxy/tls/authority.ts'
import { toPem } from '../../../src/proxy/tls/certificate.ts'
import { partsOf, valueOf } from '../../../src/proxy/tls/parts.ts'
import type { Parts } from '../../../src/proxy/tls/parts.ts'
import { permittedBy } from '../../../src/proxy/tls/permitted.ts'
import { createVirtualClock } from '../../helpers/clock.ts'
import { openssl } from '../../helpers/originals.ts'
import { hasTools } from '../../helpers/tools.ts'

const clock = createVirtualClock()
const DAY = 86_400_000

const said = ({ extensions }: Parts): unknown[] => extensions.map((extension) => [extension.id, valueOf(extension)])

test('a CA has two tiers, lives for as long as was asked, and says what it is', async (t) => {
  const authority = await createAuthority({ hosts: ['Payments.Internal'], clock, days: 30 })
  const root = new X509Certificate(authority.root)
  const intermediate = new X509Certificate(authority.intermediate.cert)
  t.ok(root.ca && root.verify(root.publicKey) && root.checkIssued(root))
  t.ok(intermediate.ca && intermediate.verify(root.publicKey) && intermediate.checkIssued(root))
  t.ok(intermediate.checkPrivateKey(authority.intermediate.key))
  t.ok(root.checkPrivateKey(authority.rootKey!))
  for (const { subject, validFrom, validTo } of [root, intermediate]) {
    t.match(subject, /^O=premortem\nCN=premortem TEST (intermediate )?CA .{1,10} [0-9a-f]{8} DO NOT TRUST$/)
    t.ok(subject.split('\nCN=')[1]!.length <= 64, 'a common name has 64 characters at most')
    t.equal(Date.parse(validFrom), clock.wall() - SKEW)
    t.equal(Date.parse(validTo), clock.wall() + 30 * DAY)
  }
  t.equal(authority.notAfter.getTime(), clock.wall() + 30 * DAY)
  t.same(permittedBy(authority.root), ['payments.internal', 'localhost', '127.0.0.0/8', '::1'])
  t.equal(permittedBy(authority.intermediate.cert), null)
})

test('it lives a week if nobody says, and no two are alike', async (t) => {
  const one = await createAuthority({ hosts: [], clock })
  const other = await createAuthority({ hosts: [], clock, constrained: false })
  t.equal(one.notAfter.getTime(), clock.wall() + DAYS * DAY)
  t.not(new X509Certificate(one.root).subject, new X509Certificate(other.root).subject)
  t.equal(permittedBy(other.root), null)
})

test('notAfter is that of the tier that ends first', async (t) => {
  const { root, intermediate } = await createAuthority({ hosts: [], clock, days: 9 })
  const { intermediate: shorter } = await createAuthority({ hosts: [], clock, days: 3 })
  t.equal(new Authority(root, shorter).notAfter.getTime(), clock.wall() + 3 * DAY)
  t.equal(new Authority(shorter.cert, intermediate).notAfter.getTime(), clock.wall() + 3 * DAY)
})

test('the intermediate as if it had ended is the same in all but its dates', async (t) => {
  const authority = await createAuthority({ hosts: [], clock })
  const end = new Date(clock.wall() - 5000)
  const ended = authority.endedIntermediate(end)!
  t.equal(Date.parse(new X509Certificate(ended).validTo), end.getTime())
  t.ok(new X509Certificate(ended).verify(createPublicKey(authority.rootKey!)))
  const [was, is] = [partsOf(authority.intermediate.cert), partsOf(ended)]
  t.same(is.subject, was.subject)
  t.ok(is.publicKey.equals(was.publicKey))
  t.same(said(is), said(was))
  t.equal(new Authority(authority.root, authority.intermediate).endedIntermediate(end), undefined, 'it takes the key of the root')
})

test('openssl takes it for a CA in strict mode', async (t) => {
  if (!hasTools(t, 'openssl')) return
  const { root, intermediate } = await createAuthority({ hosts: ['example.test', '192.0.2.1'], clock })
  const folder = t.testdir({ 'root.pem': toPem(root) })
  writeFileSync(join(folder, 'intermediate.pem'), toPem(intermediate.cert))
  const at = String(clock.wall() / 1000)
  const verify = ['verify', '-x509_strict', '-attime', at, '-CAfile', join(folder, 'root.pem')]
  t.match(openssl([...verify, join(folder, 'intermediate.pem')]), /: OK/)
  const text = openssl(['x509', '-noout', '-text', '-in', join(folder, 'root.pem')])
  t.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:1\n/)
  t.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  t.match(text, /Name Constraints: critical\s+Permitted:\s+DNS:example\.test\s+DNS:192\.0\.2\.1\s+DNS:localhost\s+[^]*IP:127\.0\.0\.0\/255\.0\.0\.0/)
  t.match(openssl(['x509', '-noout', '-text', '-in', join(folder, 'intermediate.pem')]), /CA:TRUE, pathlen:0\n/)
})
