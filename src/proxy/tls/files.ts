import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { PremortemError } from '../../kernel/errors.ts'

/** A certificate with its chain and its key, in PEM as in the files; the chain in DER, leaf first; and the leaf's SHA-256. */
export interface FilePair { cert: string, key: string, chain: Buffer[], fingerprint256: string, notAfter: Date }

const BEGIN = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * A certificate and key from files. Throws PMT_ERR_CERTIFICATE, which names the file, if one cannot be read, is none, or
 * if they do not belong together; PMT_ERR_KEY_EXPOSED if anybody on the machine can read the key.
 */
export function readPair (files: { certificate: string, key: string }): FilePair {
  const cert = readPem(files.certificate)
  const chain = (cert.match(BEGIN) ?? []).map((pem) => derOf(pem, files.certificate))
  const leaf = chain[0]
  if (leaf === undefined) throw wrong(files.certificate, 'no certificate in the file', 'a PEM file with `-----BEGIN CERTIFICATE-----`')
  refuseExposed(files.key)
  const key = readPem(files.key)
  const x509 = new X509Certificate(leaf)
  if (!x509.checkPrivateKey(keyOf(key, files.key))) {
    throw wrong(files.key, `the key does not belong to the certificate in ${files.certificate}`, 'the key that the certificate was issued for')
  }
  return { cert, key, chain, fingerprint256: x509.fingerprint256, notAfter: new Date(x509.validTo) }
}

/** What stands in a PEM file. Throws PMT_ERR_CERTIFICATE. */
export function readPem (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw wrong(file, `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, 'a PEM file', error)
  }
}

// In a container the group is how a volume's files are read, so it may.
function refuseExposed (file: string): void {
  let mode: number
  try {
    mode = statSync(file).mode
  } catch (error) {
    throw wrong(file, `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, 'a PEM file', error)
  }
  if ((mode & 0o007) === 0) return
  throw new PremortemError('PMT_ERR_KEY_EXPOSED', {
    message: 'anybody on this machine can read the key', found: `${file} with mode 0${(mode & 0o777).toString(8)}`, wanted: 'mode 0600, or 0640',
    hint: `chmod 600 ${file}; in Kubernetes, \`defaultMode: 0400\` of the volume`
  })
}

function derOf (pem: string, file: string): Buffer {
  try {
    return new X509Certificate(pem).raw
  } catch (error) {
    throw wrong(file, 'a certificate in the file is malformed', 'a PEM file with certificates', error)
  }
}

function keyOf (pem: string, file: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw wrong(file, 'no private key in the file, or one that needs a passphrase', 'a PEM file with an unencrypted private key', error)
  }
}

const wrong = (file: string, message: string, wanted: string, cause?: unknown): PremortemError =>
  new PremortemError('PMT_ERR_CERTIFICATE', { message, found: file, wanted, cause })
