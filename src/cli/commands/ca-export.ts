import { certificateView, folderOption, outOptions, writeOut } from '../ca.ts'
import type { CertificateView } from '../ca.ts'
import { defineCommand, text } from '../command.ts'

/** The root, and where it was written to. */
interface Exported extends CertificateView { pem: string, out: string | null }

/** Gives the root away, which clients are to trust. No key is read. */
export const caExport = defineCommand<Exported>({
  usage: {
    command: 'ca export',
    summary: 'Prints the root certificate of a CA, or writes it to a file',
    options: { ...folderOption, ...outOptions },
    examples: [['ca export --out ca.crt', 'for a ConfigMap, or a colleague']]
  },
  async run (args, { clock }) {
    const [{ toPem }, { loadRoot }] = await Promise.all([import('../../proxy/tls/certificate.ts'), import('../../proxy/tls/store.ts')])
    const root = loadRoot(text(args, 'dir')!, clock)
    const pem = toPem(root)
    return { pem, out: writeOut(args, pem), ...certificateView(root) }
  },
  views: {
    human: ({ pem, out, subject, fingerprint256 }) => out === null ? pem.trimEnd() : `${out}: ${subject}\nSHA-256 ${fingerprint256}`,
    json: (exported) => exported
  }
})
