import { blake2b } from '@noble/hashes/blake2.js'
import { pythonJson } from './python.ts'
import type { JsonObject } from './types.ts'

/** What the Chaos Toolkit calls an experiment's hash: BLAKE2b of 12 bytes over its JSON with sorted keys, in hexadecimal. */
export function experimentHash (document: JsonObject): string {
  return Buffer.from(blake2b(new TextEncoder().encode(pythonJson(document)), { dkLen: 12 })).toString('hex')
}
