import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { PremortemError } from '../../kernel/errors.ts'

/** A certificate with its chain and its key, in PEM as in the files; the chain in DER, leaf first; and the leaf's SHA-256. */
export interface FilePair { cert: string, key: string, chain: Buffer[], fingerprint256: string, notAfter: Date }

/** The files of a CA in its folder. */
export const CA_FILES = {
  root: 'root.pem', rootKey: 'root.key', intermediate: 'intermediate.pem', intermediateKey: 'intermediate.key'
} as const

/** Bits of a file's mode: what anybody may do with it, and what its group may. */
export const OTHERS = 0o007
export const GROUP = 0o070

/** In bytes. A chain is a few thousand. */
const LARGEST_FILE = 1024 * 1024

const BEGIN = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * A certificate and key from files. Throws PMT_ERR_CERTIFICATE, which names the file, if one cannot be read, is none, or
 * if they do not belong together; PMT_ERR_KEY_EXPOSED if anybody on the machine can read the key.
 */
export function readPair (files: { certificate: string, key: string }): FilePair {
  const cert = readPem(files.certificate)
  const chain = certificatesIn(cert, files.certificate)
  // In a container the group is how a volume's files are read, so it may.
  const { pem, key } = readKey(files.key, OTHERS)
  const leaf = new X509Certificate(chain[0]!)
  checkKey(leaf, key, files.key, files.certificate)
  return { cert, key: pem, chain, fingerprint256: leaf.fingerprint256, notAfter: new Date(leaf.validTo) }
}

/** What stands in a PEM file of 1 MiB at most. Throws PMT_ERR_CERTIFICATE. */
export function readPem (file: string): string {
  const { size, regular } = statOf(file)
  if (!regular) throw unusable(file, 'not a file', 'a PEM file')
  if (size > LARGEST_FILE) throw unusable(file, `the file is too large (${size} bytes)`, `a PEM file of at most ${LARGEST_FILE} bytes`)
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** The certificates in PEM text, in DER; there is at least one. Throws PMT_ERR_CERTIFICATE, naming `file`. */
export function certificatesIn (text: string, file: string): Buffer[] {
  const chain = (text.match(BEGIN) ?? []).map((pem) => derOf(pem, file))
  if (chain.length === 0) throw unusable(file, 'no certificate in the file', 'a PEM file with `-----BEGIN CERTIFICATE-----`')
  return chain
}

/**
 * The private key in a PEM file, whose mode has none of the bits of `refused`. Throws PMT_ERR_KEY_EXPOSED if it has, and
 * PMT_ERR_CERTIFICATE if there is no such key.
 */
export function readKey (file: string, refused: number): { pem: string, key: KeyObject } {
  refuseExposed(file, refused)
  const pem = readPem(file)
  try {
    return { pem, key: createPrivateKey(pem) }
  } catch (error) {
    throw unusable(file, 'no private key in the file, or one that needs a passphrase', 'a PEM file with an unencrypted private key', error)
  }
}

/** Throws PMT_ERR_CERTIFICATE, naming the key's file, if a certificate was not issued for this key. */
export function checkKey (certificate: X509Certificate, key: KeyObject, file: string, certificateFile: string): void {
  let own = false
  try {
    own = certificate.checkPrivateKey(key)
  } catch { /* a public key that OpenSSL cannot read belongs to no key */ }
  if (!own) throw unusable(file, `the key does not belong to the certificate in ${certificateFile}`, 'the key that the certificate was issued for')
}

/** The error for a file that cannot be used. */
export function unusable (file: string, message: string, wanted: string, cause?: unknown): PremortemError {
  return new PremortemError('PMT_ERR_CERTIFICATE', { message, file, wanted, cause })
}

function refuseExposed (file: string, refused: number): void {
  const { mode } = statOf(file)
  if ((mode & refused) === 0) return
  throw new PremortemError('PMT_ERR_KEY_EXPOSED', {
    message: (mode & OTHERS) === 0 ? 'the group of the file can read the key' : 'anybody on this machine can read the key',
    file,
    found: `mode 0${mode.toString(8)}`,
    wanted: refused === OTHERS ? 'mode 0600, or 0640' : 'mode 0600',
    hint: `chmod 600 ${file}; in Kubernetes, \`defaultMode: 0400\` of the volume`
  })
}

function statOf (file: string): { mode: number, size: number, regular: boolean } {
  try {
    const stat = statSync(file)
    return { mode: stat.mode & 0o777, size: stat.size, regular: stat.isFile() }
  } catch (error) {
    throw unreadable(file, error)
  }
}

function derOf (pem: string, file: string): Buffer {
  try {
    return new X509Certificate(pem).raw
  } catch (error) {
    throw unusable(file, 'a certificate in the file is malformed', 'a PEM file with certificates', error)
  }
}

const unreadable = (file: string, error: unknown): PremortemError =>
  unusable(file, `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, 'a PEM file', error)
