import { isIP } from 'node:net'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { PremortemError } from '../../kernel/errors.ts'
import { OneOf, Strict } from '../../kernel/schema.ts'

const file = (description: string) => Type.String({ minLength: 1, description })

const FilesSchema = Strict({ certificate: file('PEM file with the certificate and its chain'), key: file('PEM file with its private key') })

const OriginateSchema = Strict({
  ca: Type.Optional(file('PEM file with the CAs that sign the nodes\' certificates; those of Node if left out')),
  'server-name': Type.Optional(Type.String({ minLength: 1, description: 'the name asked for (SNI) and checked; the node\'s host if left out, or where that is an address the name that the client asked for' })),
  certificate: Type.Optional(file('PEM file with our own client certificate and its chain')),
  key: Type.Optional(file('PEM file with its private key')),
  verify: Type.Optional(Type.Boolean({ default: true, description: 'whether a node\'s certificate is checked' }))
})

/** Schema of a proxy's `tls`. */
export const TlsSchema = Type.Union([
  Type.Literal('passthrough'),
  Strict({
    passthrough: Type.Optional(Type.Literal(true, { description: 'read the ClientHello and pass everything on unread; until a fault shows another certificate' })),
    terminate: Type.Optional(Type.Union([OneOf(['ca', 'clone']), FilesSchema], {
      description: 'hold the server\'s end of TLS: `ca` with certificates of premortem\'s own CA, `clone` with copies of the node\'s by that CA, or with a certificate and key from files',
      wanted: 'ca, clone, or a mapping with certificate and key'
    })),
    names: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'names that clients call this proxy by, beside the nodes\' hosts; the first is for those that ask for none' })),
    originate: Type.Optional(Type.Union([Type.Literal(true), OriginateSchema], {
      description: 'speak TLS to the nodes', wanted: 'true, or a mapping with ca, server-name, certificate, key, verify'
    }))
  })
], { wanted: 'passthrough, or a mapping with passthrough or terminate, and originate', description: 'TLS towards clients and nodes; none if left out' })

/** A proxy's `tls` as it is written. */
export type TlsSpec = Static<typeof TlsSchema>

/** Where the certificate comes from that clients are shown. */
export type ServerCertificate = 'ca' | 'clone' | { certificate: string, key: string }

/** How nodes are spoken to. */
export interface OriginateSettings {
  ca: string | undefined
  serverName: string | undefined
  files: { certificate: string, key: string } | undefined
  verify: boolean
}

/** A proxy's TLS, decoded. */
export interface TlsSettings {
  /** Towards clients. */
  accept: 'none' | 'passthrough' | 'terminate'
  /** Where the certificate comes from if it terminates. */
  certificate: ServerCertificate
  names: string[]
  /** Towards nodes; undefined if they are spoken to in the clear, or by the client itself. */
  originate: OriginateSettings | undefined
  /** As it was written. */
  spec: TlsSpec | undefined
}

/** Of a proxy that has nothing to do with TLS. */
export const NO_TLS: TlsSettings = { accept: 'none', certificate: 'ca', names: [], originate: undefined, spec: undefined }

/** What was written, decoded. Throws PMT_ERR_INVALID; `join` gives the path of a key below `tls`. */
export function decodeTls (
  written: TlsSpec | undefined, protocol: 'tcp' | 'http' | 'auto', join: (key: string) => string
): TlsSettings {
  if (written === undefined) return NO_TLS
  const refuse = (key: string, message: string, found: unknown, wanted: string, hint?: string): never => {
    throw new PremortemError('PMT_ERR_INVALID', { message, path: join(key), found, wanted, hint })
  }
  const spec: Exclude<typeof written, string> = written === 'passthrough' ? { passthrough: true } : written
  const { passthrough = false, terminate, originate, names = [] } = spec
  if (passthrough && terminate !== undefined) refuse('tls.terminate', 'both `passthrough` and `terminate`', terminate, 'one of them')
  if (!passthrough && terminate === undefined && originate === undefined) {
    refuse('tls', 'it says nothing', spec, 'passthrough, terminate or originate')
  }
  if (passthrough && protocol === 'http') {
    refuse('tls', 'what is passed through unread cannot be http to premortem', 'protocol http', 'protocol tcp or auto; or `terminate`')
  }
  if (terminate === 'clone' && originate === undefined) {
    refuse('tls.terminate', 'there is no certificate to copy from a node that is spoken to in the clear', terminate, '`originate` beside it, or terminate: ca')
  }
  if (names.some((name) => isIP(name) === 0 && !/^[\w-]+(\.[\w-]+)*$/.test(name))) {
    refuse('tls.names', 'not a name', names.join(', '), 'host names such as payments.internal, or addresses')
  }
  return {
    accept: terminate !== undefined ? 'terminate' : passthrough ? 'passthrough' : 'none',
    certificate: terminate ?? 'ca',
    names: names.map((name) => name.toLowerCase()),
    originate: originate === undefined ? undefined : originateOf(originate === true ? {} : originate, refuse),
    spec: written
  }
}

function originateOf (
  written: Static<typeof OriginateSchema>, refuse: (key: string, message: string, found: unknown, wanted: string) => never
): OriginateSettings {
  const { ca, certificate, key, verify = true, 'server-name': serverName } = written
  if (certificate === undefined && key !== undefined) refuse('tls.originate.key', 'a key without its certificate', key, '`certificate` beside it')
  if (certificate !== undefined && key === undefined) refuse('tls.originate.certificate', 'a certificate without its key', certificate, '`key` beside it')
  const files = certificate === undefined || key === undefined ? undefined : { certificate, key }
  return { ca, serverName, files, verify }
}
