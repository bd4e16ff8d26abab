import { X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { Authority } from './authority.ts'
import { toPem } from './certificate.ts'
import { CA_FILES, GROUP, OTHERS, certificatesIn, checkKey, readKey, readPem, unusable } from './files.ts'

const MODE = { folder: 0o700, key: 0o600, certificate: 0o644 } as const

/** The kinds of keys that can sign certificates here. */
const SIGNERS: readonly (string | undefined)[] = ['rsa', 'ec', 'ed25519']

/**
 * The CA in a folder. `root.key` may be missing, as where the intermediate is one of somebody's own CA. Throws
 * PMT_ERR_KEY_EXPOSED for a key that others than its owner can read, and PMT_ERR_CERTIFICATE, naming the file, for what
 * cannot be read, is not valid now, or does not belong together.
 */
export function loadAuthority (folder: string, clock: Pick<Clock, 'wall'>): Authority {
  const file = (name: keyof typeof CA_FILES): string => join(folder, CA_FILES[name])
  const root = rootIn(file('root'), clock)
  const intermediate = caIn(file('intermediate'), clock)
  const key = signerIn(file('intermediateKey'), intermediate, file('intermediate'))
  if (!signedBy(intermediate, root)) {
    throw unusable(file('intermediate'), `the certificate is not signed by the one in ${file('root')}`, 'a CA that this root has signed')
  }
  const rootKey = existsSync(file('rootKey')) ? signerIn(file('rootKey'), root, file('root')) : undefined
  return new Authority(root.raw, { cert: intermediate.raw, key }, rootKey)
}

/** The root of the CA in a folder, in DER; no key is read. Throws PMT_ERR_CERTIFICATE, naming the file. */
export function loadRoot (folder: string, clock: Pick<Clock, 'wall'>): Buffer {
  return rootIn(join(folder, CA_FILES.root), clock).raw
}

/**
 * Writes a CA into a folder, which is made where there is none, and returns the paths of the files. Keys are for their
 * owner only. Throws PMT_ERR_FILE_EXISTS if one of the files is there, unless `force` replaces them, and
 * PMT_ERR_FILE_UNREADABLE.
 */
export function writeAuthority (folder: string, authority: Authority, { force = false }: { force?: boolean } = {}): string[] {
  const { root, rootKey, intermediate } = authority
  const files: { name: string, text: string, mode: number }[] = [
    ...rootKey === undefined ? [] : [{ name: CA_FILES.rootKey, text: pemOf(rootKey), mode: MODE.key }],
    { name: CA_FILES.root, text: toPem(root), mode: MODE.certificate },
    { name: CA_FILES.intermediateKey, text: pemOf(intermediate.key), mode: MODE.key },
    { name: CA_FILES.intermediate, text: toPem(intermediate.cert), mode: MODE.certificate }
  ]
  try {
    mkdirSync(folder, { recursive: true, mode: MODE.folder })
  } catch (error) {
    throw unwritable(folder, error)
  }
  const there = Object.values(CA_FILES).map((name) => join(folder, name)).find((path) => existsSync(path))
  if (there !== undefined && !force) throw exists(there)
  // The key of another root would be taken for this one's.
  if (rootKey === undefined) rmSync(join(folder, CA_FILES.rootKey), { force: true })
  return files.map(({ name, text, mode }) => {
    const path = join(folder, name)
    writeNew(path, text, mode, force)
    return path
  })
}

// A file that is there keeps its mode when it is written to, and may be a link; a fresh one under another name does not.
function writeNew (path: string, text: string, mode: number, force: boolean): void {
  const written = force ? `${path}.new` : path
  try {
    if (force) rmSync(written, { force: true })
    writeFileSync(written, text, { mode, flag: 'wx' })
    if (force) renameSync(written, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path)
    throw unwritable(path, error)
  }
}

function caIn (file: string, clock: Pick<Clock, 'wall'>): X509Certificate {
  const certificate = new X509Certificate(certificatesIn(readPem(file), file)[0]!)
  const { validFrom, validTo, ca } = certificate
  if (!ca) throw unusable(file, 'the certificate is not that of a CA', 'basicConstraints CA:TRUE, and keyCertSign where there is a key usage')
  const now = clock.wall()
  if (!(Date.parse(validTo) > now)) throw unusable(file, `the CA has expired (notAfter ${when(validTo)})`, 'a CA that is valid now: premortem ca init --force makes one')
  if (!(Date.parse(validFrom) <= now)) throw unusable(file, `the CA is not valid yet (notBefore ${when(validFrom)}, notAfter ${when(validTo)})`, 'a CA that is valid now')
  return certificate
}

function rootIn (file: string, clock: Pick<Clock, 'wall'>): X509Certificate {
  const root = caIn(file, clock)
  if (signedBy(root, root)) return root
  throw unusable(file, 'the certificate is not signed by its own key, so clients would look for another above it', 'a root')
}

function signerIn (file: string, certificate: X509Certificate, certificateFile: string): KeyObject {
  const { key } = readKey(file, GROUP | OTHERS)
  checkKey(certificate, key, file, certificateFile)
  if (!SIGNERS.includes(key.asymmetricKeyType)) throw unusable(file, `a CA with such a key cannot sign here (${key.asymmetricKeyType})`, 'an RSA, EC or Ed25519 key')
  return key
}

function signedBy (certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string

function when (date: string): string {
  const at = new Date(date)
  return Number.isNaN(at.getTime()) ? date : at.toISOString()
}

const exists = (path: string): PremortemError => new PremortemError('PMT_ERR_FILE_EXISTS', { message: 'a file of a CA is there', file: path, wanted: 'a folder without one' })

const unwritable = (path: string, error: unknown): PremortemError =>
  new PremortemError('PMT_ERR_FILE_UNREADABLE', { message: 'the file cannot be written', file: path, found: (error as NodeJS.ErrnoException).code, cause: error })
