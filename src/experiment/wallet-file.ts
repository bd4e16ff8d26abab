import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PremortemError } from '../kernel/errors.ts'
import type { WalletEntry, WalletStore } from './ports.ts'

/**
 * Wallets as files `root/SLO.json`, each read anew and replaced at once, so that a process that is killed leaves the old one
 * or the new one. Throws PMT_ERR_FILE_UNREADABLE: a wallet that cannot be read must not pass for an empty one.
 */
export function createFileWallets (root: string): WalletStore {
  const fileOf = (slo: string): string => join(root, `${slo}.json`)
  return {
    read (slo) {
      const file = fileOf(slo)
      let text: string
      try {
        text = readFileSync(file, 'utf8')
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw unreadable(file, cause)
      }
      try {
        const { entries } = JSON.parse(text) as { entries: WalletEntry[] }
        if (Array.isArray(entries) && entries.every(isEntry)) return entries
      } catch (cause) {
        throw unreadable(file, cause)
      }
      throw unreadable(file)
    },
    write (slo, entries) {
      const file = fileOf(slo)
      try {
        mkdirSync(root, { recursive: true })
        const fresh = `${file}.${process.pid}`
        writeFileSync(fresh, `${JSON.stringify({ slo, entries }, null, 2)}\n`, { flush: true })
        renameSync(fresh, file)
      } catch (cause) {
        throw unreadable(file, cause)
      }
    }
  }
}

const isEntry = ({ run, at, share }: WalletEntry): boolean =>
  typeof run === 'string' && !Number.isNaN(Date.parse(at)) && typeof share === 'number' && share >= 0

const unreadable = (file: string, cause?: unknown): PremortemError => new PremortemError('PMT_ERR_FILE_UNREADABLE', {
  message: `what runs have spent cannot be read or written${cause === undefined ? '' : `: ${(cause as Error).message}`}`,
  file,
  hint: 'check the file and its permissions; a file that is broken for good may be deleted, and everything counts as unspent then',
  cause
})
