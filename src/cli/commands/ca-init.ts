import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { PremortemError } from '../../kernel/errors.ts'
import { hostsOf } from '../../proxy/tls/authority-source.ts'
import { paint } from '../../report/layout.ts'
import { certificateView, folderOption, trustLines } from '../ca.ts'
import type { CertificateView } from '../ca.ts'
import { defineCommand, given, text, texts } from '../command.ts'
import type { Args } from '../command.ts'
import { findConfig } from '../control.ts'

/** How long a CA for tests may live, in days. */
const LONGEST = 90

/** A CA that was written. */
interface Made extends CertificateView { dir: string, files: string[], permits: string[], trust: ReturnType<typeof trustLines> }

/** Makes a CA in a folder. */
export const caInit = defineCommand<Made>({
  usage: {
    command: 'ca init',
    summary: 'Makes a CA for tests in a folder, and says how clients come to trust it',
    options: {
      ...folderOption,
      host: { type: 'string', array: true, requiresArg: true, describe: 'a name (with those below it) or address that it may vouch for, beside localhost; those of the configuration if left out; may be repeated' },
      config: { type: 'string', requiresArg: true, describe: 'the configuration with the proxies it is for; premortem.yaml or config/premortem.yaml if left out' },
      days: { type: 'string', requiresArg: true, default: '7', describe: `how long it lives, 1 to ${LONGEST}` },
      force: { type: 'boolean', describe: 'replace the CA that is there' }
    },
    examples: [
      ['ca init', 'a CA for the hosts in the configuration, in certs/'],
      ['ca init --host payments.internal --host example.com --days 30', 'for these two and what is below them']
    ]
  },
  async run (args, { clock }) {
    const days = daysOf(text(args, 'days')!)
    const dir = text(args, 'dir')!
    // What makes certificates takes long to load; other commands do without it.
    const [{ createAuthority }, { permittedBy }, { writeAuthority }] = await Promise.all([
      import('../../proxy/tls/authority.ts'), import('../../proxy/tls/permitted.ts'), import('../../proxy/tls/store.ts')
    ])
    const authority = await createAuthority({ hosts: await hosts(args), clock, days })
    const files = writeAuthority(dir, authority, { force: given(args, 'force') })
    const permits = permittedBy(authority.root)!
    return { dir, files, permits, ...certificateView(authority.root), trust: trustLines(resolve(dir)) }
  },
  views: {
    human: ({ files, subject, permits, notAfter, fingerprint256, trust }, look) => [
      `${subject}`,
      `  vouches for ${permits.join(', ')}`,
      `  until ${notAfter}`,
      `  SHA-256 ${fingerprint256}`,
      `  in ${files.join(', ')}; the keys stay here`,
      '',
      'How a client comes to trust it; nothing is installed:',
      ...Object.entries(trust).flatMap(([who, { say, note }]) => ['', `${paint(look, 'bold', who)}: ${note}`, `  ${say}`])
    ].join('\n'),
    json: (made) => made
  }
})

function daysOf (written: string): number {
  const days = /^\d{1,3}$/.test(written) ? Number(written) : NaN
  if (days >= 1 && days <= LONGEST) return days
  throw new PremortemError('PMT_ERR_INVALID', { message: 'not a life for a CA', path: '--days', found: written, wanted: `a whole number of days, 1 to ${LONGEST}` })
}

async function hosts (args: Args): Promise<string[]> {
  const named = texts(args, 'host')
  const file = text(args, 'config') ?? (named.length === 0 ? findConfig() : undefined)
  const config = file === undefined ? undefined : await loadConfig(file)
  named.forEach(check)
  return [...named, ...config === undefined ? [] : [...hostsOf(config.proxies), ...config.ca.names]]
}

function check (host: string): void {
  if (isIP(host) !== 0 || /^[\w-]+(\.[\w-]+)*$/.test(host)) return
  throw new PremortemError('PMT_ERR_INVALID', {
    message: 'not a host', path: '--host', found: host, wanted: 'a name such as payments.internal, or an address',
    hint: host.startsWith('*.') ? `a name stands for those below it too: ${host.slice(2)}` : 'leave out scheme and port'
  })
}
