import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { Authority, SKEW, createAuthority } from '../../../src/proxy/tls/authority.ts'
import { buildCertificate, distinguishedName, toPem } from '../../../src/proxy/tls/certificate.ts'
import { basicConstraintsCa, basicConstraintsLeaf } from '../../../src/proxy/tls/extensions.ts'
import { freshKey } from '../../../src/proxy/tls/keys.ts'
import { partsOf } from '../../../src/proxy/tls/parts.ts'
import { loadAuthority, loadRoot, writeAuthority } from '../../../src/proxy/tls/store.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const clock = createVirtualClock()
const DAY = 86_400_000
const CERTIFICATE = 'PMT_ERR_CERTIFICATE'

async function stored (t: Test): Promise<{ folder: string, authority: Authority, at: (name: string) => string }> {
  const folder = join(t.testdir({}), 'ca')
  const authority = await createAuthority({ hosts: ['example.test'], clock })
  writeAuthority(folder, authority)
  return { folder, authority, at: (name) => join(folder, name) }
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('a CA is what it was when it is read back', async (t) => {
  const { folder, authority } = await stored(t)
  const { root, rootKey, intermediate } = loadAuthority(folder, clock)
  t.same(root, authority.root)
  t.same(intermediate.cert, authority.intermediate.cert)
  t.ok(intermediate.key.equals(authority.intermediate.key))
  t.ok(rootKey?.equals(authority.rootKey!))
  t.same(loadRoot(folder, clock), authority.root)
})

test('keys are for their owner only', async (t) => {
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  const { folder, at, authority } = await stored(t)
  t.equal(modeOf(folder), '700')
  for (const name of ['root.key', 'intermediate.key']) t.equal(modeOf(at(name)), '600', name)
  for (const name of ['root.pem', 'intermediate.pem']) t.equal(modeOf(at(name)), '644', name)
  chmodSync(at('root.key'), 0o666)
  writeAuthority(folder, authority, { force: true })
  t.equal(modeOf(at('root.key')), '600', 'also where another file was replaced')
})

test('what is there stays, unless it is to be replaced', async (t) => {
  const { folder, at, authority } = await stored(t)
  const other = await createAuthority({ hosts: [], clock })
  t.throws(() => writeAuthority(folder, other), { code: 'PMT_ERR_FILE_EXISTS', details: { file: at('root.pem') } })
  t.same(loadAuthority(folder, clock).root, authority.root)
  t.same(writeAuthority(folder, other, { force: true }).sort(), ['intermediate.key', 'intermediate.pem', 'root.key', 'root.pem'].map(at))
  t.same(loadAuthority(folder, clock).root, other.root)
  t.same(readdirSync(folder).sort(), ['intermediate.key', 'intermediate.pem', 'root.key', 'root.pem'], 'nothing else is left')
  rmSync(at('root.pem'))
  t.throws(() => writeAuthority(folder, other), { code: 'PMT_ERR_FILE_EXISTS' }, 'any of them counts')
})

test('a link in the place of a file is replaced, and what it leads to is not written to', async (t) => {
  const { folder, at } = await stored(t)
  const elsewhere = join(folder, '..', 'elsewhere')
  writeFileSync(elsewhere, 'precious')
  rmSync(at('root.key'))
  symlinkSync(elsewhere, at('root.key'))
  const other = await createAuthority({ hosts: [], clock })
  t.throws(() => writeAuthority(folder, other), { code: 'PMT_ERR_FILE_EXISTS' })
  writeAuthority(folder, other, { force: true })
  t.equal(readFileSync(elsewhere, 'utf8'), 'precious')
})

test('where nothing can be written, that is said', async (t) => {
  const folder = t.testdir({ file: '' })
  const authority = await createAuthority({ hosts: [], clock })
  t.throws(() => writeAuthority(join(folder, 'file', 'ca'), authority), { code: 'PMT_ERR_FILE_UNREADABLE', message: 'the file cannot be written' })
})

test('a key that others can read is refused, that of the root too', async (t) => {
  const { folder, at } = await stored(t)
  for (const name of ['root.key', 'intermediate.key']) {
    for (const mode of [0o640, 0o604]) {
      chmodSync(at(name), mode)
      t.throws(() => loadAuthority(folder, clock), { code: 'PMT_ERR_KEY_EXPOSED', details: { file: at(name), found: `mode 0${mode.toString(8)}` }, hint: /^chmod 600 / })
    }
    chmodSync(at(name), 0o600)
  }
  t.doesNotThrow(() => loadAuthority(folder, clock))
})

test('a CA that is not valid now is refused, and its end named', async (t) => {
  const { folder, at, authority } = await stored(t)
  const from = (wall: number): { wall: () => number } => ({ wall: () => wall })
  t.throws(() => loadAuthority(folder, from(clock.wall() + 7 * DAY)), {
    code: CERTIFICATE, message: `the CA has expired (notAfter ${authority.notAfter.toISOString()})`, details: { file: at('root.pem') }
  })
  t.doesNotThrow(() => loadAuthority(folder, from(clock.wall() + 7 * DAY - 1)))
  t.throws(() => loadAuthority(folder, from(clock.wall() - SKEW - 1)), { code: CERTIFICATE, message: /^the CA is not valid yet \(notBefore .*Z, notAfter .*Z\)$/ })
  const ended = authority.endedIntermediate(new Date(clock.wall() - 1000))!
  writeFileSync(at('intermediate.pem'), toPem(ended))
  t.throws(() => loadAuthority(folder, clock), { code: CERTIFICATE, message: /^the CA has expired/, details: { file: at('intermediate.pem') } })
})

test('files that are missing, malformed or of something else are named', async (t) => {
  const { folder, at, authority } = await stored(t)
  const other = await createAuthority({ hosts: [], clock })
  const whole = (): void => { writeAuthority(folder, authority, { force: true }) }
  const refused = (name: string, text: string | null, found: string, message: RegExp): void => {
    if (text === null) rmSync(at(name))
    else writeFileSync(at(name), text)
    t.throws(() => loadAuthority(folder, clock), { code: CERTIFICATE, message, details: { file: at(found) } }, `${name}: ${message.source}`)
    whole()
  }
  refused('root.pem', null, 'root.pem', /ENOENT/)
  refused('intermediate.pem', null, 'intermediate.pem', /ENOENT/)
  refused('intermediate.key', null, 'intermediate.key', /ENOENT/)
  refused('root.pem', 'x', 'root.pem', /no certificate/)
  refused('intermediate.key', 'x', 'intermediate.key', /no private key/)
  refused('root.key', 'x', 'root.key', /no private key/)
  refused('root.pem', toPem(other.root), 'intermediate.pem', /not signed by the one in/)
  refused('root.pem', toPem(authority.intermediate.cert), 'root.pem', /not signed by its own key/)
  refused('intermediate.pem', toPem(authority.root), 'intermediate.key', /does not belong/)
  refused('intermediate.key', pemOf(other.intermediate.key), 'intermediate.key', /does not belong/)
  refused('root.key', pemOf(other.rootKey!), 'root.key', /does not belong/)
  const leaf = child(authority.rootKey!, authority.root, authority.intermediate.key, [basicConstraintsLeaf()])
  refused('intermediate.pem', toPem(leaf), 'intermediate.pem', /not that of a CA/)
  t.doesNotThrow(() => loadAuthority(folder, clock))
})

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string

const NAME = distinguishedName({ commonName: 'internal root' })

function child (rootKey: KeyObject, root: Buffer | null, key: KeyObject, extensions = [basicConstraintsCa(0)]): Buffer {
  const issuer = root === null ? NAME : partsOf(root).subject
  return buildCertificate({
    issuer,
    subject: root === null ? NAME : distinguishedName({ commonName: 'internal intermediate' }),
    notBefore: new Date(clock.wall()),
    notAfter: new Date(clock.wall() + DAY),
    spki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    extensions
  }, rootKey)
}

test('an intermediate of somebody else\'s CA will do, without the root\'s key, RSA or EC', async (t) => {
  for (const kind of ['rsa-2048', 'p-384'] as const) {
    const [{ privateKey: rootKey }, { privateKey: key }] = await Promise.all([freshKey(kind), freshKey(kind)])
    const root = child(rootKey, null, rootKey, [basicConstraintsCa(1)])
    const folder = join(t.testdir({}), kind)
    writeAuthority(folder, new Authority(root, { cert: child(rootKey, root, key), key }))
    t.notOk(existsSync(join(folder, 'root.key')))
    const loaded = loadAuthority(folder, clock)
    t.equal(loaded.rootKey, undefined)
    t.ok(loaded.intermediate.key.equals(key), kind)
  }
})

test('the key of a root that was there before does not stay beside another root', async (t) => {
  const { folder, at, authority } = await stored(t)
  writeAuthority(folder, new Authority(authority.root, authority.intermediate), { force: true })
  t.notOk(existsSync(at('root.key')))
})

test('a key that cannot sign here is refused', async (t) => {
  const { folder, at, authority } = await stored(t)

  const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const { subject, extensions } = partsOf(authority.intermediate.cert)
  const cert = buildCertificate({
    issuer: partsOf(authority.root).subject,
    subject,
    notBefore: new Date(clock.wall()),
    notAfter: new Date(clock.wall() + DAY),
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    extensions: extensions.map(({ value }) => value)
  }, authority.rootKey!)
  writeFileSync(at('intermediate.pem'), toPem(cert))
  writeFileSync(at('intermediate.key'), pemOf(privateKey))
  t.throws(() => loadAuthority(folder, clock), { code: CERTIFICATE, message: /cannot sign here \(rsa-pss\)/ })
})
