import fc from 'fast-check'
import { test } from 'tap'
import { PremortemError } from '../../../src/kernel/errors.ts'
import { LARGEST, childrenOf, parseDer, sequence, toDer } from '../../../src/proxy/tls/der.ts'
import { EXTENSION } from '../../../src/proxy/tls/extensions.ts'
import { partsOf, valueOf } from '../../../src/proxy/tls/parts.ts'
import { testAuthority } from '../../helpers/certificates.ts'

const CERTIFICATE = { code: 'PMT_ERR_CERTIFICATE' }

async function certificate (): Promise<Buffer> {
  return (await testAuthority()).identities.authority.intermediate.cert
}

test('a certificate is taken apart', async (t) => {
  const { subject, extensions, publicKey, notBefore, notAfter } = partsOf(await certificate())
  t.match(subject.toString('latin1'), /premortem TEST intermediate CA/)
  t.same(extensions.map(({ id }) => id), [
    EXTENSION.basicConstraints, EXTENSION.keyUsage, EXTENSION.subjectKeyIdentifier, EXTENSION.authorityKeyIdentifier
  ])
  t.equal(valueOf(extensions[0]!).toString('hex'), '30060101ff020100')
  t.equal(publicKey.asymmetricKeyType, 'ec')
  t.ok(notBefore < notAfter)
})

test('one of version 1 has neither a version nor extensions, and is copied as one of version 3', async (t) => {
  const { identities, since } = await testAuthority()
  const [tbs, ...signature] = childrenOf(parseDer(await certificate()))
  // Without what is tagged [0] and [3].
  const der = toDer(sequence(sequence(...childrenOf(tbs).filter(({ tagClass }) => tagClass === 0)), ...signature))
  const { subject, extensions } = partsOf(der)
  t.match(subject.toString('latin1'), /premortem TEST intermediate CA/)
  t.same(extensions, [])
  const copy = await identities.identity({ host: 'example.test', original: [der], since })
  t.match(copy.subject, /premortem TEST intermediate CA/)
  t.same(copy.names, [])
})

test('what is no certificate is refused with one error', async (t) => {
  t.throws(() => partsOf(Buffer.alloc(0)), CERTIFICATE)
  t.throws(() => partsOf(toDer(sequence())), CERTIFICATE)
  t.throws(() => partsOf(toDer(sequence(sequence(sequence(), sequence(), sequence(), sequence(), sequence())))), CERTIFICATE)
  const der = await certificate()
  t.throws(() => partsOf(toDer(childrenOf(parseDer(der))[0]!)), CERTIFICATE, 'what is signed, without the signature')
  t.throws(() => partsOf(Buffer.concat([der, Buffer.of(0)])), CERTIFICATE)
  t.throws(() => partsOf(Buffer.alloc(LARGEST + 1, der)), CERTIFICATE)
})

test('cut short anywhere it is refused', async (t) => {
  const der = await certificate()
  for (let length = 0; length < der.length; length++) t.throws(() => partsOf(der.subarray(0, length)), CERTIFICATE)
})

// Whatever a node shows: it is read, or refused with the one error. What is read can be copied, or is refused likewise.
test('mutated certificates never give anything else', async (t) => {
  const { identities, since } = await testAuthority()
  const leaf = await identities.identity({ host: 'example.test', since })
  const sources = [await certificate(), Buffer.from(leaf.cert.split('-----')[2]!, 'base64')]
  const change = fc.record({ at: fc.nat(1200), to: fc.nat(255), how: fc.constantFrom('set', 'insert', 'remove') })
  let copied = 0
  const mutations = fc.array(change, { minLength: 1, maxLength: 4 })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...sources), mutations, async (source, changes) => {
    const bytes = [...source]
    for (const { at, to, how } of changes) bytes.splice(at % bytes.length, how === 'insert' ? 0 : 1, ...how === 'remove' ? [] : [to])
    try {
      await identities.identity({ host: 'example.test', original: [Buffer.from(bytes)], since })
      copied++
    } catch (error) {
      if (!(error instanceof PremortemError) || error.code !== 'PMT_ERR_CERTIFICATE') throw error
    }
  }), { numRuns: 1500 })
  t.ok(copied > 50, 'some are still certificates')
})

test('values set in the place of others never give anything else', async (t) => {
  const { identities, since } = await testAuthority()
  const source = await certificate()
  // Lengths stay right here, so that more gets past the reading of DER.
  await fc.assert(fc.asyncProperty(fc.nat(60), fc.nat(255), fc.uint8Array({ maxLength: 12 }), async (which, tag, content) => {
    let seen = 0
    const replace = (value: ReturnType<typeof parseDer>): ReturnType<typeof parseDer> => {
      if (seen++ === which) {
        return { ...value, type: tag & 31, value: Buffer.from(content).toString('latin1'), constructed: false, composed: false } as never
      }
      return Array.isArray(value.value) ? { ...value, value: value.value.map(replace) } : value
    }
    try {
      await identities.identity({ host: 'example.test', original: [toDer(replace(parseDer(source)))], since })
    } catch (error) {
      if (!(error instanceof PremortemError) || error.code !== 'PMT_ERR_CERTIFICATE') throw error
    }
  }), { numRuns: 1500 })
  t.pass('1500 of them')
})
