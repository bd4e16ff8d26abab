import { PremortemError } from './errors.ts'

/**
 * A mapping read as Go's encoding/json reads one, for APIs whose clients expect that: keys in any case, unknown ones
 * ignored, null as if it were not there. Each reader gives undefined for what is not there, and throws PMT_ERR_INVALID with
 * the path as it was written for what is of another type.
 */
export class LooseMapping {
  readonly #entries = new Map<string, { path: string, value: unknown }>()

  /** Throws PMT_ERR_INVALID if the value is no mapping; null is an empty one. */
  constructor (value: unknown, base = '') {
    if (value === undefined || typeof value !== 'object' || Array.isArray(value)) throw misfit(base, value, 'a mapping')
    for (const [key, item] of Object.entries(value ?? {})) {
      const path = base === '' ? key : `${base}.${key}`
      if (item !== null && item !== undefined) this.#entries.set(key.toLowerCase(), { path, value: item })
    }
  }

  value (key: string): unknown { return this.#entries.get(key)?.value }

  /** Where the value stands; where it would, if it is not there. */
  path (key: string): string { return this.#entries.get(key)?.path ?? key }

  text (key: string): string | undefined {
    return this.#read(key, 'text', (value) => typeof value === 'string')
  }

  flag (key: string): boolean | undefined {
    return this.#read(key, 'true or false', (value) => typeof value === 'boolean')
  }

  number (key: string): number | undefined {
    return this.#read(key, 'a number', (value) => typeof value === 'number')
  }

  list (key: string): unknown[] | undefined {
    return this.#read(key, 'a list', Array.isArray)
  }

  #read<T> (key: string, wanted: string, fits: (value: unknown) => boolean): T | undefined {
    const found = this.#entries.get(key)
    if (found !== undefined && !fits(found.value)) throw misfit(found.path, found.value, wanted)
    return found?.value as T | undefined
  }
}

function misfit (path: string, found: unknown, wanted: string): PremortemError {
  return new PremortemError('PMT_ERR_INVALID', { path, found: found ?? 'nothing', wanted })
}
