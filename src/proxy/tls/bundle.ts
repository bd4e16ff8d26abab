import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { toPem } from './certificate.ts'

/** The CAs of a system with a root of ours, in one PEM. */
export interface Bundle {
  pem: string
  /** The file that the system's come from; null if they are those of Node. */
  from: string | null
  /** How many certificates there are, ours included. */
  certificates: number
}

/** Where systems keep their CAs: Debian and Alpine, Fedora and RHEL, openSUSE, and others as macOS does. */
const PLACES = [
  '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem', '/etc/pki/tls/cacert.pem', '/etc/ssl/cert.pem'
] as const

const BEGIN = /^-----BEGIN (?:TRUSTED )?CERTIFICATE-----/gm

/**
 * For clients whose setting replaces the system's CAs, rather than adding to them. `places` are files, of which the first that
 * holds certificates is taken.
 */
export function bundleWith (root: Buffer, places: readonly string[] = PLACES): Bundle {
  const found = places.map((file) => ({ from: file, pem: textOf(file) })).find(({ pem }) => countOf(pem) > 0)
  const { from, pem } = found ?? { from: null, pem: rootCertificates.join('\n') }
  const { subject } = new X509Certificate(root)
  const whole = `${pem.trimEnd()}\n\n# ${subject.replaceAll('\n', ', ')}\n${toPem(root)}`
  return { pem: whole, from, certificates: countOf(whole) }
}

function textOf (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const countOf = (pem: string): number => pem.match(BEGIN)?.length ?? 0
