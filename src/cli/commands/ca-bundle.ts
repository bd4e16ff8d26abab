import type { Bundle } from '../../proxy/tls/bundle.ts'
import { folderOption, outOptions, writeOut } from '../ca.ts'
import { defineCommand, text } from '../command.ts'

/** The bundle, and where it was written to. */
interface Bundled extends Bundle { out: string | null }

/** The system's CAs and ours, for clients whose setting replaces the system's. */
export const caBundle = defineCommand<Bundled>({
  usage: {
    command: 'ca bundle',
    summary: 'Prints the CAs of this system and one of ours in one PEM, or writes them to a file',
    options: { ...folderOption, ...outOptions },
    examples: [['ca bundle --out certs/bundle.pem', 'for SSL_CERT_FILE and REQUESTS_CA_BUNDLE']]
  },
  async run (args, { clock }) {
    const [{ bundleWith }, { loadRoot }] = await Promise.all([import('../../proxy/tls/bundle.ts'), import('../../proxy/tls/store.ts')])
    const bundle = bundleWith(loadRoot(text(args, 'dir')!, clock))
    return { ...bundle, out: writeOut(args, bundle.pem) }
  },
  views: {
    human: ({ pem, out, from, certificates }) => out === null
      ? pem.trimEnd()
      : `${out}: ${certificates} certificates, ${from === null ? 'those of Node' : `those of ${from}`} and this CA's`,
    json: (bundled) => bundled
  }
})
