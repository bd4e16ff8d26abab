import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { CA_FILES, GROUP, OTHERS, certificatesIn, checkKey, readKey, readPair, readPem, unusable } from '../../../src/proxy/tls/files.ts'
import { testIdentity } from '../../helpers/certificates.ts'

const CERTIFICATE = 'PMT_ERR_CERTIFICATE'

async function pair (t: Test, more: Record<string, string> = {}): Promise<{ folder: string, certificate: string, key: string }> {
  const { cert, key } = await testIdentity()
  const folder = t.testdir({ 'tls.crt': cert, 'tls.key': key, ...more })
  chmodSync(join(folder, 'tls.key'), 0o600)
  return { folder, certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
}

test('a pair is read as it is, with the chain', async (t) => {
  const files = await pair(t)
  const { cert, key, notAfter } = await testIdentity()
  const read = readPair(files)
  t.match(read, { cert, key, notAfter })
  t.equal(read.chain.length, 2)
})

test('text around certificates does no harm', async (t) => {
  const { cert } = await testIdentity()
  t.equal(certificatesIn(`subject=x\r\n${cert.replaceAll('\n', '\r\n')}\ntrailing`, 'f').length, 2)
})

test('a key that others can read is refused; in a volume the group may', async (t) => {
  const files = await pair(t)
  for (const [mode, refused] of [[0o604, true], [0o602, true], [0o640, false], [0o400, false]] as const) {
    chmodSync(files.key, mode)
    if (refused) {
      t.throws(() => readPair(files), {
        code: 'PMT_ERR_KEY_EXPOSED', details: { file: files.key, found: `mode 0${mode.toString(8)}` }, hint: `chmod 600 ${files.key}; in Kubernetes, \`defaultMode: 0400\` of the volume`
      })
    } else t.doesNotThrow(() => readPair(files), `0${mode.toString(8)}`)
  }
  chmodSync(files.key, 0o640)
  t.throws(() => readKey(files.key, GROUP | OTHERS), { code: 'PMT_ERR_KEY_EXPOSED', message: 'the group of the file can read the key' })
})

test('files that cannot be used are named', async (t) => {
  const files = await pair(t, { empty: '', broken: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'a.key': 'no key' })
  chmodSync(join(files.folder, 'a.key'), 0o600)
  const at = (name: string): string => join(files.folder, name)
  const refused = (change: Partial<typeof files>, found: string, message: RegExp): void => {
    t.throws(() => readPair({ ...files, ...change }), { code: CERTIFICATE, message, details: { file: found } })
  }
  refused({ certificate: at('none') }, at('none'), /cannot be read \(ENOENT\)/)
  refused({ certificate: files.folder }, files.folder, /not a file/)
  refused({ certificate: at('empty') }, at('empty'), /no certificate in the file/)
  refused({ certificate: at('broken') }, at('broken'), /malformed/)
  refused({ key: at('none') }, at('none'), /cannot be read \(ENOENT\)/)
  refused({ key: at('a.key') }, at('a.key'), /no private key/)
  writeFileSync(at('big'), '')
  truncateSync(at('big'), 1024 * 1024 + 1)
  refused({ certificate: at('big') }, at('big'), /too large/)
  t.throws(() => readPem('/dev/zero'), { code: CERTIFICATE, message: 'not a file' }, 'one without an end is not read')
  execFileSync('mkfifo', [at('pipe')])
  t.throws(() => readPem(at('pipe')), { code: CERTIFICATE, message: 'not a file' }, 'one that nobody writes to is not waited for')
})

test('a key with a passphrase, and one of another certificate, are refused', async (t) => {
  const files = await pair(t)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }))
  t.throws(() => readPair(files), { code: CERTIFICATE, message: /needs a passphrase/ })
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  t.throws(() => readPair(files), { code: CERTIFICATE, message: `the key does not belong to the certificate in ${files.certificate}` })
  const broken = { checkPrivateKey () { throw new Error('no public key') } } as never
  t.throws(() => checkKey(broken, privateKey, 'a.key', 'a.crt'), { code: CERTIFICATE, details: { file: 'a.key' } })
})

test('names and errors', async (t) => {
  t.equal(CA_FILES.root, 'root.pem')
  t.match(unusable('f', 'm', 'w'), { code: CERTIFICATE, message: 'm', details: { file: 'f', wanted: 'w' } })
})
