import { Duration, Share, Strict } from '../../kernel/schema.ts'
import { PASS, defineStreamFault } from '../fault.ts'

/** RFC 6298 lets a sender double its timeout up to this (2.5), and Linux gives up after so many (tcp_retries2). */
const LONGEST_RTO = 60_000
const MOST_RETRIES = 15

/** Bytes stop now and then, for as long as TCP would take to send them again. */
export const stall = defineStreamFault({
  type: 'stall',
  direction: 'downstream',
  params: Strict({
    loss: Share({ description: 'chance that a chunk, and each time it is sent again, is taken for lost', default: '1%' }),
    rto: Duration({ description: 'retransmission timeout: what the first loss costs; each further one of the same chunk costs twice the one before', default: '200ms' }),
    burst: Share({ description: 'chance that the chunk after a lost one is lost too, if more than `loss`', default: 0 })
  }),
  doc: {
    summary: 'Stops bytes now and then, for as long as TCP would take to send them again: what packet loss looks like to a reader. No packet is lost.',
    example: { type: 'stall', loss: '2%', burst: '25%' },
    seen: { curl: 'a transfer that halts for a moment, again and again', node: '`data` events with gaps between them' },
    limits: 'A proxy in user space cannot lose packets: this has the shape of retransmission timeouts (RFC 6298, 5.5), for chunks instead of packets. No congestion window shrinks, nothing is retransmitted early, and a chunk is let through after 15 losses.',
    like: [
      { tool: 'netem and comcast', what: '`loss 1%`, `--packet-loss=1%`: its look only', as: { type: 'stall', loss: '1%', direction: 'both' } },
      { tool: 'netem and comcast', what: '`loss gemodel`, losses in bursts: their look only', as: { type: 'stall', loss: '1%', burst: '30%', direction: 'both' } }
    ]
  },
  begin: ({ loss, rto, burst }, random) => {
    let lostBefore = false
    return {
      chunk () {
        const lost = random.next() < (lostBefore ? Math.max(loss, burst) : loss)
        lostBefore = lost
        if (!lost) return PASS
        let ms = rto
        let timeout = rto
        for (let again = 1; again < MOST_RETRIES && random.next() < loss; again++) {
          timeout = Math.max(rto, Math.min(timeout * 2, LONGEST_RTO))
          ms += timeout
        }
        return { do: 'delay', ms }
      }
    }
  }
})
