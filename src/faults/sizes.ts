import { PremortemError } from '../kernel/errors.ts'

/** Refuses a size below one byte. Throws PMT_ERR_INVALID. */
export function atLeastOne (size: number, path: string): void {
  if (size < 1) throw new PremortemError('PMT_ERR_INVALID', { path, found: size, wanted: 'a size of at least 1 byte, such as 512B or 64KB' })
}
