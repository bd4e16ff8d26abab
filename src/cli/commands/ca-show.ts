import { statSync } from 'node:fs'
import { join } from 'node:path'
import { CA_FILES } from '../../proxy/tls/files.ts'
import { columns } from '../../report/layout.ts'
import { certificateView, folderOption } from '../ca.ts'
import type { CertificateView } from '../ca.ts'
import { defineCommand, text } from '../command.ts'

interface Tier extends CertificateView { left: number }

interface Shown { dir: string, root: Tier, intermediate: Tier, permits: string[] | null, files: { file: string, mode: string }[] }

/** Shows the CA in a folder, which is checked as it is before it is used. */
export const caShow = defineCommand<Shown>({
  usage: {
    command: 'ca show',
    summary: 'Shows a CA: what it vouches for, how long it lives, its files; exit 2 if it cannot be used',
    options: folderOption,
    examples: [['ca show', 'the CA in certs/']]
  },
  async run (args, { clock }) {
    const dir = text(args, 'dir')!
    const [{ permittedBy }, { loadAuthority }] = await Promise.all([import('../../proxy/tls/permitted.ts'), import('../../proxy/tls/store.ts')])
    const { root, intermediate } = loadAuthority(dir, clock)
    const tier = (der: Buffer): Tier => {
      const view = certificateView(der)
      return { ...view, left: Math.floor((Date.parse(view.notAfter) - clock.wall()) / 1000) }
    }
    return { dir, root: tier(root), intermediate: tier(intermediate.cert), permits: permittedBy(root), files: filesIn(dir) }
  },
  views: {
    human: ({ root, intermediate, permits, files }, look) => [
      ...[root, intermediate].flatMap(({ subject, notAfter, left, fingerprint256 }) => [
        subject, `  until ${notAfter}, ${words(left)} left`, `  SHA-256 ${fingerprint256}`
      ]),
      `vouches for ${permits?.join(', ') ?? 'any name'}`,
      '',
      ...columns([['file', 'mode'], ...files.map(({ file, mode }) => [file, mode])], look)
    ].join('\n'),
    json: (shown) => shown
  }
})

function filesIn (dir: string): Shown['files'] {
  return [dir, ...Object.values(CA_FILES).map((name) => join(dir, name))].flatMap((file) => {
    const stat = statSync(file, { throwIfNoEntry: false })
    return stat === undefined ? [] : [{ file, mode: `0${(stat.mode & 0o777).toString(8)}` }]
  })
}

function words (seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60]
  return days > 0 ? `${days} d ${hours} h` : `${hours} h ${minutes} min`
}
