import { PASS } from './fault.ts'
import type { StreamBehaviour } from './fault.ts'
import { RecordReader } from './records.ts'

/** Ends the connection behind the server's first record. */
export function cuttingAfterHello (how: 'close' | 'reset'): StreamBehaviour {
  const reader = new RecordReader()
  return {
    chunk (chunk) {
      const end = reader.read(chunk).find(({ last }) => last)
      return end === undefined ? PASS : { do: 'cut', bytes: end.to, how }
    }
  }
}

/**
 * Ends the connection behind the record of application data in which byte `after` lies; before the first such record, if
 * that is 0. Bytes are counted as they are encrypted, without the records' headers.
 */
export function cuttingAfter (after: number, how: 'close' | 'reset'): StreamBehaviour {
  const reader = new RecordReader()
  let passed = 0
  return {
    chunk (chunk) {
      for (const { from, payload, to, last, application } of reader.read(chunk)) {
        if (!application) continue
        if (after < 1) return { do: 'cut', bytes: from, how }
        passed += to - payload
        if (passed >= after && last) return { do: 'cut', bytes: to, how }
      }
      return PASS
    }
  }
}
