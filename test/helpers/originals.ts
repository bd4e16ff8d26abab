import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Test } from 'tap'

/** What openssl is told to make a key of. */
export const KINDS = {
  rsa: ['rsa:2048'],
  'p-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'p-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']
} as const

/** The names and addresses in an original. */
export const ORIGINAL_HOSTS = ['example.test', '192.0.2.1', '2001:db8::1']

/** A server's certificate as a CA of openssl's making issued it, in a folder with its key. */
export interface MadeOriginal { folder: string, der: Buffer, ca: string, certificate: string, key: string }

// Names of every kind that there is, a subject beyond ASCII, and all that points back to its issuer.
const CONFIG = `
[req]
distinguished_name = dn
prompt = no
utf8 = yes
string_mask = utf8only
[dn]
C = DE
O = Grüße & Söhne
OU = Zahlung ✓
CN = example.test
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.23.140.1.2.1
authorityInfoAccess = OCSP;URI:http://ocsp.example.test/
crlDistributionPoints = URI:http://crl.example.test/a.crl
freshestCRL = URI:http://crl.example.test/b.crl
1.3.6.1.4.1.11129.2.4.2 = DER:04020000
1.2.3.4.5 = ASN1:UTF8String:kept
subjectAltName = @names
[names]
DNS.1 = example.test
DNS.2 = *.example.test
IP.1 = 192.0.2.1
IP.2 = 2001:db8::1
URI.1 = spiffe://example.test/payments
email.1 = ops@example.test
dirName.1 = dn
RID.1 = 1.2.3.4
otherName.1 = 1.3.6.1.4.1.311.20.2.3;UTF8:someone@example.test
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`

/** Makes an original with the openssl program, in a folder of the test. */
export function opensslOriginal (t: Test, kind: keyof typeof KINDS): MadeOriginal {
  const folder = t.testdir({ 'openssl.cnf': CONFIG })
  const at = (name: string): string => join(folder, name)
  const config = ['-config', at('openssl.cnf')]
  const ca = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial']
  openssl(['req', '-x509', ...config, '-extensions', 'ca', '-days', '30', '-newkey', ...KINDS['p-256'], '-nodes', '-keyout', at('ca.key'), '-out', at('ca.pem')])
  openssl(['req', '-new', ...config, '-newkey', ...KINDS[kind], '-nodes', '-keyout', at('leaf.key'), '-out', at('leaf.csr')])
  openssl(['x509', '-req', '-in', at('leaf.csr'), ...ca, '-extfile', at('openssl.cnf'), '-extensions', 'leaf', '-days', '20', '-out', at('leaf.pem')])
  const { raw } = new X509Certificate(readFileSync(at('leaf.pem')))
  return { folder, der: raw, ca: readFileSync(at('ca.pem'), 'utf8'), certificate: at('leaf.pem'), key: at('leaf.key') }
}

/** What openssl prints. Throws with what it says if it fails. */
export function openssl (args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** What `openssl verify -x509_strict` says of a chain, leaf first, in PEM: `OK`, or its errors. */
export function strictVerdict (folder: string, { chain, ca, host }: { chain: string, ca: string, host: string }): string {
  const [leaf = '', ...rest] = chain.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? []
  for (const [name, pem] of [['verify-leaf.pem', leaf], ['verify-chain.pem', rest.join('')], ['verify-ca.pem', ca]] as const) writeFileSync(join(folder, name), pem)
  const { stdout, stderr } = spawnSync('openssl', [
    'verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', host, '-CAfile', join(folder, 'verify-ca.pem'), '-no-CApath',
    ...rest.length === 0 ? [] : ['-untrusted', join(folder, 'verify-chain.pem')], join(folder, 'verify-leaf.pem')
  ], { encoding: 'utf8' })
  return stdout.trim().endsWith(': OK') ? 'OK' : stdout + stderr
}
