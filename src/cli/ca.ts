import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from 'yargs'
import { PremortemError } from '../kernel/errors.ts'
import { CA_FILES } from '../proxy/tls/files.ts'
import { given, text } from './command.ts'
import type { Args } from './command.ts'

/** The folder of a CA when nobody says. */
const DEFAULT_FOLDER = 'certs'

/** The option of commands that work on a CA. */
export const folderOption: Record<string, Options> = {
  dir: { type: 'string', requiresArg: true, default: DEFAULT_FOLDER, describe: 'the folder of the CA' }
}

/** Options of commands that give a certificate away. */
export const outOptions: Record<string, Options> = {
  out: { type: 'string', requiresArg: true, describe: 'file to write it to, instead of stdout' },
  force: { type: 'boolean', describe: 'overwrite the file' }
}

/** A certificate for people. Times are ISO 8601. */
export interface CertificateView { subject: string, notBefore: string, notAfter: string, fingerprint256: string }

/** What names a certificate, and how long it lives. */
export function certificateView (der: Buffer): CertificateView {
  const { subject, validFrom, validTo, fingerprint256 } = new X509Certificate(der)
  const iso = (date: string): string => new Date(date).toISOString()
  return { subject: subject.replaceAll('\n', ', '), notBefore: iso(validFrom), notAfter: iso(validTo), fingerprint256 }
}

/**
 * Writes to the file of `--out`; null if there is none and it is to be shown. Throws PMT_ERR_FILE_EXISTS unless `--force`
 * was given, and PMT_ERR_FILE_UNREADABLE.
 */
export function writeOut (args: Args, pem: string): string | null {
  const file = text(args, 'out')
  if (file === undefined) return null
  try {
    writeFileSync(file, pem, { flag: given(args, 'force') ? 'w' : 'wx', mode: 0o644 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new PremortemError('PMT_ERR_FILE_EXISTS', { file, wanted: 'a name that is free', cause })
    throw new PremortemError('PMT_ERR_FILE_UNREADABLE', { message: 'the file cannot be written', file, found: code, cause })
  }
  return file
}

/** What to say to clients so that they trust a CA, by who is told; the second text is what to know about it. */
export function trustLines (folder: string): Readonly<Record<string, { say: string, note: string }>> {
  const root = quote(join(folder, CA_FILES.root))
  const bundle = quote(join(folder, 'bundle.pem'))
  return {
    bundle: {
      say: `premortem ca bundle --dir ${quote(folder)} --out ${bundle}`,
      note: 'the CAs of this system and this one, for settings that replace the system\'s'
    },
    node: {
      say: `NODE_EXTRA_CA_CERTS=${root} node app.js`,
      note: 'read once when the process starts; ignored where the app passes its own `ca`, and by setuid programs'
    },
    curl: { say: `curl --cacert ${root} https://...`, note: 'or CURL_CA_BUNDLE; trusts this CA alone' },
    python: {
      say: `SSL_CERT_FILE=${bundle} REQUESTS_CA_BUNDLE=${bundle} python app.py`,
      note: 'the first for ssl, http.client and urllib, the second for requests; each replaces the system\'s CAs'
    },
    go: { say: `SSL_CERT_FILE=${bundle} ./app`, note: 'on Linux and the BSDs; replaces the system\'s CAs' },
    java: {
      say: `cp "$JAVA_HOME/lib/security/cacerts" trust.jks && keytool -importcert -noprompt -alias premortem -file ${root} ` +
        '-keystore trust.jks -storepass changeit && java -Djavax.net.ssl.trustStore=trust.jks -jar app.jar',
      note: 'a trust store of its own replaces the JDK\'s, so it begins as a copy of that'
    },
    kubernetes: {
      say: `kubectl create configmap premortem-ca --from-file=ca.crt=${root}`,
      note: 'mounted read-only into the client, with NODE_EXTRA_CA_CERTS or the like set to it; never a key'
    }
  }
}

/** A word as a shell takes it. */
export function quote (word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`
}
