import { Type } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { ByteRate, Duration, Strict } from '../../kernel/schema.ts'
import { PASS, defineTlsFault } from '../fault.ts'
import type { StreamBehaviour } from '../fault.ts'
import { RecordReader } from '../records.ts'

/** Hands are shaken slowly. */
export const slow = defineTlsFault({
  type: 'tls/slow',
  needs: 'peek',
  params: Strict({
    delay: Type.Optional(Duration({ description: 'how much later the server\'s answer to the ClientHello arrives; or `rate`' })),
    rate: Type.Optional(ByteRate({ description: 'bytes a second at which the server\'s part of the handshake arrives; or `delay`' }))
  }),
  doc: {
    summary: 'Shakes hands slowly: the server\'s part of the handshake arrives late, or in drips.',
    example: { type: 'tls/slow', delay: '3s', share: '20%' },
    seen: { curl: '`time_appconnect` grows; `--connect-timeout` ends in `(28) SSL connection timeout`', node: '`secureConnect` comes late; fetch fails with `UND_ERR_CONNECT_TIMEOUT` beyond 10 s' },
    limits: 'Ends with the handshake: what comes after it is as fast as ever, for which there are `latency` and `bandwidth`. A session that is resumed has less to drip.'
  },
  check ({ delay, rate }, at) {
    const refuse = (key: string, message: string, found: unknown, wanted: string): never => {
      throw new PremortemError('PMT_ERR_INVALID', { message, path: at(key), found, wanted })
    }
    if (delay === undefined && rate === undefined) refuse('delay', '`delay` is missing', 'nothing', 'a duration such as 3s; or `rate`')
    if (delay !== undefined && rate !== undefined) refuse('rate', '`delay` says how slow already', rate, 'one of them')
    if (rate === 0) refuse('rate', 'a rate of 0 never shakes hands', rate, 'a rate above 0, or tls/stall')
  },
  begin: ({ delay, rate }) => ({
    handshake: () => ({ do: 'records', behaviour: rate === undefined ? late(delay ?? 0) : dripping(rate) })
  })
})

// Bytes keep their order, so what follows the first chunk waits behind it.
function late (ms: number): StreamBehaviour {
  let answered = false
  return {
    chunk () {
      if (answered) return PASS
      answered = true
      return { do: 'delay', ms }
    }
  }
}

function dripping (rate: number): StreamBehaviour {
  const reader = new RecordReader()
  return {
    chunk (chunk) {
      if (!reader.handshaking) return PASS
      reader.read(chunk)
      return { do: 'pace', rate, shared: false }
    }
  }
}
