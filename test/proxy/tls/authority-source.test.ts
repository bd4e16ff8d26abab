import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { decodeProxy } from '../../../src/proxy/spec.ts'
import type { ProxySettings } from '../../../src/proxy/spec.ts'
import { NO_IDENTITIES, createIdentitySource, hostsOf } from '../../../src/proxy/tls/authority-source.ts'
import { createAuthority } from '../../../src/proxy/tls/authority.ts'
import { permittedBy } from '../../../src/proxy/tls/permitted.ts'
import { writeAuthority } from '../../../src/proxy/tls/store.ts'
import { createVirtualClock } from '../../helpers/clock.ts'

const clock = createVirtualClock()

const proxy = (more: object): ProxySettings => decodeProxy({ name: 'a', listen: '127.0.0.1:0', upstream: 'node.internal:1', ...more }, 'proxy')

test('the hosts of proxies are those of listeners, nodes and names, but no wildcards', async (t) => {
  t.same(hostsOf([
    proxy({ upstream: ['one=Node-1.internal:1', 'two=10.0.0.2:1'], tls: { terminate: 'ca', names: ['Pay.Example'] } }),
    proxy({ listen: '0.0.0.0:0' }),
    proxy({ listen: '[::]:0' })
  ]), ['127.0.0.1', 'node-1.internal', '10.0.0.2', 'pay.example', 'node.internal'])
})

test('a CA is made once, when it is first asked for, for the proxies there are then', async (t) => {
  const proxies: ProxySettings[] = []
  const source = createIdentitySource({ folder: undefined, names: ['more.example'] }, () => proxies, clock)
  proxies.push(proxy({}))
  const [one, same] = await Promise.all([source(), source()])
  t.equal(one, same)
  t.same(permittedBy(one.authority.root), ['node.internal', 'more.example', 'localhost', '127.0.0.0/8', '::1'])
})

test('one in a folder is read, and read again after it could not be', async (t) => {
  const folder = join(t.testdir({}), 'ca')
  const source = createIdentitySource({ folder, names: [] }, () => [], clock)
  await t.rejects(source(), { code: 'PMT_ERR_CERTIFICATE', details: { file: join(folder, 'root.pem') } })
  const authority = await createAuthority({ hosts: [], clock })
  writeAuthority(folder, authority)
  const identities = await source()
  t.same(identities.authority.root, authority.root)
  rmSync(folder, { recursive: true })
  t.equal(await source(), identities, 'and then kept')
})

test('where there is none, that is said', async (t) => {
  await t.rejects(NO_IDENTITIES(), { code: 'PMT_ERR_CERTIFICATE' })
})
