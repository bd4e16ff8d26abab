import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

/** How large what was compressed may become, in bytes: what is small on the wire may be meant to fill the memory. */
const DECODED_LIMIT = 8 * 1024 * 1024

/**
 * A body without its content codings (RFC 9110, 8.4.1); null if one is not known, its bytes are not sound, or it
 * becomes larger than 8 MiB.
 */
export function decodeContent (body: Buffer, coding: string | undefined): Buffer | null {
  const codings = (coding ?? '').split(',').map((name) => name.trim().toLowerCase()).filter((name) => name !== '' && name !== 'identity')
  try {
    // The last one was applied last.
    return codings.reduceRight((bytes, name) => decodeOne(bytes, name), body)
  } catch {
    return null
  }
}

function decodeOne (body: Buffer, name: string): Buffer {
  const options = { maxOutputLength: DECODED_LIMIT }
  switch (name) {
    case 'gzip':
    case 'x-gzip': return gunzipSync(body, options)
    // Some servers leave the zlib wrapper out, whose first byte has 8 as its lower half (RFC 1950, 2.2).
    case 'deflate': return ((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, options) : inflateRawSync(body, options)
    case 'br': return brotliDecompressSync(body, options)
    default: throw new Error(`unknown content coding ${name}`)
  }
}
