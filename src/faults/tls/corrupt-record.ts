import type { Random } from '../../kernel/random.ts'
import { Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineTlsFault } from '../fault.ts'
import type { StreamBehaviour } from '../fault.ts'
import { RecordReader } from '../records.ts'

/** One record does not verify. */
export const corruptRecord = defineTlsFault({
  type: 'tls/corrupt-record',
  needs: 'peek',
  params: Strict({
    after: Size({ description: 'how much application data goes to the client before the byte that is hit, at the least', default: 0 })
  }),
  doc: {
    summary: 'Flips one bit in one record of application data, which then does not verify (RFC 8446, 5.2).',
    example: { type: 'tls/corrupt-record', after: '10KB' },
    seen: {
      curl: '`(56) decryption failed or bad record mac`',
      node: 'https `ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC`, in TLS 1.2 `ERR_SSL_CIPHER_OPERATION_FAILED`; fetch `UND_ERR_SOCKET` other side closed'
    },
    limits: 'Once for each connection. Application data is counted as it is encrypted; session tickets of TLS 1.3 look the same and count, with OpenSSL some 500 bytes, and may be what is hit: clients see no difference. In the clear there is `corrupt`.'
  },
  begin: ({ after }) => ({ handshake: (_, { random }) => ({ do: 'records', behaviour: flippingOnce(after, random) }) })
})

function flippingOnce (after: number, random: Random): StreamBehaviour {
  const reader = new RecordReader()
  let passed = 0
  let done = false
  return {
    chunk (chunk) {
      if (done) return PASS
      for (const { payload, to, application } of reader.read(chunk)) {
        if (!application) continue
        const from = payload + Math.max(0, Math.ceil(after) - passed)
        passed += to - payload
        if (from >= to) continue
        done = true
        const bytes = Uint8Array.from(chunk)
        bytes[random.integer(from, to - 1)]! ^= 1 << random.integer(0, 7)
        return { do: 'replace', bytes }
      }
      return PASS
    }
  }
}
