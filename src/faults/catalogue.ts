import type { FaultType } from './fault.ts'
import { abort } from './http/abort.ts'
import { badFraming } from './http/bad-framing.ts'
import { body } from './http/body.ts'
import { connectionClose } from './http/connection-close.ts'
import { corruptBody } from './http/corrupt-body.ts'
import { delay } from './http/delay.ts'
import { duplicate } from './http/duplicate.ts'
import { emptyReply } from './http/empty-reply.ts'
import { hang } from './http/hang.ts'
import { header } from './http/header.ts'
import { rateLimit } from './http/rate-limit.ts'
import { redirectLoop } from './http/redirect-loop.ts'
import { slowBody } from './http/slow-body.ts'
import { stale } from './http/stale.ts'
import { status } from './http/status.ts'
import { truncate } from './http/truncate.ts'
import { bandwidth } from './stream/bandwidth.ts'
import { connectDelay } from './stream/connect-delay.ts'
import { corrupt } from './stream/corrupt.ts'
import { halfOpen } from './stream/half-open.ts'
import { latency } from './stream/latency.ts'
import { limitData } from './stream/limit-data.ts'
import { limitTime } from './stream/limit-time.ts'
import { refuse } from './stream/refuse.ts'
import { resetPeer } from './stream/reset-peer.ts'
import { slicer } from './stream/slicer.ts'
import { slowAccept } from './stream/slow-accept.ts'
import { slowClose } from './stream/slow-close.ts'
import { stall } from './stream/stall.ts'
import { timeout } from './stream/timeout.ts'
import { alert } from './tls/alert.ts'
import { alpnMismatch } from './tls/alpn-mismatch.ts'
import { clientCertificateRejected } from './tls/client-certificate-rejected.ts'
import { clientCertificateRequired } from './tls/client-certificate-required.ts'
import { close as closeHandshake } from './tls/close.ts'
import { corruptRecord } from './tls/corrupt-record.ts'
import { expired } from './tls/expired.ts'
import { expiredIntermediate } from './tls/expired-intermediate.ts'
import { expiring } from './tls/expiring.ts'
import { incompleteChain } from './tls/incomplete-chain.ts'
import { noCommonCipher } from './tls/no-common-cipher.ts'
import { notYetValid } from './tls/not-yet-valid.ts'
import { plaintext } from './tls/plaintext.ts'
import { protocolVersion } from './tls/protocol-version.ts'
import { reset as resetHandshake } from './tls/reset.ts'
import { selfSigned } from './tls/self-signed.ts'
import { slow as slowHandshake } from './tls/slow.ts'
import { stall as stallHandshake } from './tls/stall.ts'
import { truncatedClose } from './tls/truncated-close.ts'
import { unrecognizedName } from './tls/unrecognized-name.ts'
import { untrustedRoot } from './tls/untrusted-root.ts'
import { upstreamClientCertificate } from './tls/upstream-client-certificate.ts'
import { wrongEku } from './tls/wrong-eku.ts'
import { wrongHost } from './tls/wrong-host.ts'

const TYPES = [
  latency, bandwidth, slicer, limitData, limitTime, slowClose, timeout, resetPeer,
  refuse, slowAccept, connectDelay, halfOpen, corrupt, stall,
  delay, status, abort, emptyReply, hang, truncate, slowBody, corruptBody, body, header,
  rateLimit, duplicate, badFraming, stale, redirectLoop, connectionClose,
  expired, notYetValid, expiring, wrongHost, selfSigned, untrustedRoot, incompleteChain, expiredIntermediate, wrongEku,
  stallHandshake, slowHandshake, resetHandshake, closeHandshake, plaintext, alert,
  protocolVersion, noCommonCipher, alpnMismatch, unrecognizedName, truncatedClose, corruptRecord,
  clientCertificateRequired, clientCertificateRejected, upstreamClientCertificate
] as const

/** Every type of fault there is, in the order documents show them. The only list: everything else is derived from it. */
export const CATALOGUE = TYPES as unknown as readonly FaultType[]

/** One of them, with its own parameters: what types are derived from. */
export type KnownType = (typeof TYPES)[number]

/** The same by name. */
export const faultTypes: ReadonlyMap<string, FaultType> = new Map(CATALOGUE.map((type) => [type.type, type]))

/** Other names of types, each with the type and the parameters that it stands for. */
export const aliases: ReadonlyMap<string, { type: string } & Record<string, unknown>> = new Map(CATALOGUE.flatMap((type) =>
  type.layer === 'tls' ? Object.entries(type.aliases ?? {}).map(([name, params]) => [name, { ...params, type: type.type }] as const) : []))

/** The type of fault of this name, or of this other name. */
export function typeOf (name: string): FaultType | undefined {
  return faultTypes.get(aliases.get(name)?.type ?? name)
}
