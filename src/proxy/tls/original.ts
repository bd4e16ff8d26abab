import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { DetailedPeerCertificate } from 'node:tls'
import type { Cancel, Clock } from '../../kernel/clock.ts'

/** How many certificates of a chain are taken. */
const LONGEST_CHAIN = 10

/** A certificate chain as a server showed it, leaf first, in DER; and what is wrong with it, by Node, or null. */
export interface Original { chain: Buffer[], wrong: string | null }

/** Where to ask for a certificate. `deadline` in milliseconds; `ca` as Node takes it. */
export interface OriginalQuery { host: string, port: number, name: string | undefined, ca: string | undefined, deadline: number }

/** The certificate that a server shows for a name. Rejects with the socket's error if it shows none in time. */
export function fetchOriginal ({ host, port, name, ca, deadline }: OriginalQuery, clock: Clock): Promise<Original> {
  return new Promise((resolve, reject) => {
    let cancel: Cancel = () => {}
    const socket = connect({ host, port, servername: name !== undefined && isIP(name) === 0 ? name : '', ca, rejectUnauthorized: false })
    const fail = (error: Error): void => {
      cancel()
      socket.destroy()
      reject(error)
    }
    cancel = clock.after(deadline, () => { fail(Object.assign(new Error(`no certificate within ${deadline} ms`), { code: 'ETIMEDOUT' })) })
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      cancel()
      const chain = chainOf(socket.getPeerCertificate(true))
      const { authorized, authorizationError: wrong } = socket as { authorized: boolean, authorizationError: unknown }
      socket.removeAllListeners('error')
      socket.on('error', () => {})
      socket.end()
      socket.destroySoon()
      resolve({ chain, wrong: authorized ? null : (wrong as { code?: string } | null)?.code ?? String(wrong) })
    })
  })
}

function chainOf (leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = []
  let at: DetailedPeerCertificate | undefined = leaf
  // A root is its own issuer.
  while (at?.raw !== undefined && chain.length < LONGEST_CHAIN && !chain.some((seen) => seen.equals(at!.raw))) {
    chain.push(at.raw)
    at = at.issuerCertificate
  }
  return chain
}
