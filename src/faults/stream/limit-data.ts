import { Default, OneOf, Size, Strict } from '../../kernel/schema.ts'
import { PASS, defineStreamFault } from '../fault.ts'

/** Connections end after so many bytes. */
export const limitData = defineStreamFault({
  type: 'limit-data',
  direction: 'downstream',
  params: Strict({
    bytes: Size({ description: 'how many bytes pass; 0 ends the connection with its first ones' }),
    how: Default(OneOf(['close', 'reset'], { description: '`close` sends FIN, `reset` sends RST' }), 'close')
  }),
  doc: {
    summary: 'Ends a connection once it has carried so many bytes, at that very byte.',
    example: { type: 'limit-data', bytes: '10KB' },
    seen: {
      curl: 'close: `(18) transfer closed with … bytes remaining to read`, or `(52) Empty reply from server`; reset: `(56) Recv failure: Connection reset by peer`',
      node: 'close: undici `UND_ERR_SOCKET` other side closed; reset: `ECONNRESET`'
    },
    limits: 'Counts from the fault\'s beginning, in its directions together, and anew when the fault is changed. With `reset`, the last bytes may be lost on the way, as with any RST.',
    like: [{ tool: 'Toxiproxy', what: '`limit_data` (bytes)', as: { type: 'limit-data', bytes: 1000 } }]
  },
  toxic: {
    type: 'limit_data',
    attributes: { bytes: {} },
    toParams: ({ bytes }) => ({ bytes }),
    toAttributes: ({ bytes }) => ({ bytes })
  },
  begin: ({ bytes, how }) => {
    let left = Math.floor(bytes)
    return {
      chunk ({ length }) {
        const before = left
        left = Math.max(0, left - length)
        return left > 0 ? PASS : { do: 'cut', bytes: before, how }
      }
    }
  }
})
