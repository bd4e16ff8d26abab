import { test } from 'tap'
import { NO_TLS, decodeTls } from '../../../src/proxy/tls/settings.ts'
import { decodeProxy } from '../../../src/proxy/spec.ts'

const written = (tls: unknown, protocol = 'http') => decodeProxy({ name: 'a', listen: '127.0.0.1:0', upstream: 'b:1', protocol, tls }).tls

test('what can be said', async (t) => {
  t.equal(decodeTls(undefined, 'http', String), NO_TLS)
  t.match(written('passthrough', 'tcp'), { accept: 'passthrough', originate: undefined })
  t.match(written({ terminate: 'ca' }), { accept: 'terminate', certificate: 'ca', originate: undefined, names: [] })
  t.match(written({ terminate: { certificate: 'c', key: 'k' }, names: ['A.b'] }), { certificate: { certificate: 'c', key: 'k' }, names: ['a.b'] })
  t.match(written({ originate: true }), { accept: 'none', originate: { ca: undefined, serverName: undefined, files: undefined, verify: true } })
  t.match(written({ terminate: 'clone', originate: { ca: 'x', 'server-name': 'y', certificate: 'c', key: 'k', verify: false } }), {
    certificate: 'clone', originate: { ca: 'x', serverName: 'y', files: { certificate: 'c', key: 'k' }, verify: false }
  })
  t.match(written({ passthrough: true, originate: { ca: 'x' } }, 'auto'), { accept: 'passthrough', originate: { ca: 'x' } })
})

test('what cannot, with its path', async (t) => {
  const refused = (tls: unknown, path: string, protocol?: string): void => {
    t.throws(() => written(tls, protocol), { code: 'PMT_ERR_INVALID', details: { path } }, JSON.stringify(tls))
  }
  refused('passthrough', 'tls')
  refused({}, 'tls')
  refused({ passthrough: true, terminate: 'ca' }, 'tls.terminate', 'tcp')
  refused({ terminate: 'clone' }, 'tls.terminate')
  refused({ terminate: 'ca', names: ['a b'] }, 'tls.names')
  refused({ originate: { certificate: 'c' } }, 'tls.originate.certificate')
  refused({ originate: { key: 'k' } }, 'tls.originate.key')
})
