import { DEFAULT_MAX_VERSION, createSecureContext } from 'node:tls'
import { test } from 'tap'
import { TLS_VERSIONS } from '../../src/faults/handshake.ts'

test('the versions that Node has, oldest first', async (t) => {
  t.equal(TLS_VERSIONS.at(-1), DEFAULT_MAX_VERSION)
  t.strictSame([...TLS_VERSIONS].sort(), [...TLS_VERSIONS])
  for (const version of TLS_VERSIONS) t.ok(createSecureContext({ minVersion: version, maxVersion: version }))
})
