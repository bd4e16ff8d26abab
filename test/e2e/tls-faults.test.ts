import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { EXAMPLES, NAMES, parsePage, see, wordsOf } from '../../docs/tls-clients.ts'
import { CATALOGUE } from '../../src/faults/catalogue.ts'
import { classify } from '../helpers/tls-clients.ts'
import type { Newest } from '../helpers/tls-clients.ts'
import { MODES } from '../helpers/tls-scene.ts'
import { hasTools } from '../helpers/tools.ts'

const page = parsePage(await readFile(new URL('../../docs/tls-clients.md', import.meta.url), 'utf8'))

test('every tls fault is in the table', (t) => {
  const types = CATALOGUE.filter(({ layer }) => layer === 'tls').map(({ type }) => type)
  t.strictSame([...new Set(EXAMPLES.map(({ type }) => type))].sort(), types.sort())
  t.strictSame([...page.keys()], NAMES)
  t.end()
})

/** How clients report a connection that ends when they have begun to ask: by FIN or by RST is a matter of luck there. */
const LATE = /tls\/(client-certificate-rejected|upstream-client-certificate|reset\]\S+ `when: data)/
const LOST = [
  'econnreset', 'und_err_socket', '(18)', '(52)', '(56)', 'unexpected_eof_while_reading', 'errno=104', 'no_answer',
  'remotedisconnected', 'connectionreseterror', 'ssleoferror', 'incompleteread'
]

function same (name: string, one: string, other: string): boolean {
  return one === other || (LATE.test(name) && LOST.includes(one) && LOST.includes(other))
}

// Words are compared, not how this or that version of OpenSSL spells them.
for (const mode of MODES) {
  test(`every client sees what docs/tls-clients.md says: ${mode}`, async (t) => {
    if (!hasTools(t, 'curl', 'openssl', 'python3')) return
    for (const [name, seen] of await see(t, mode)) {
      const known = page.get(name)!
      for (const [client, versions] of seen) {
        for (const [version, words] of Object.entries(versions) as [Newest, string][]) {
          const documented = wordsOf(known, client, mode, version)
          t.ok(same(name, classify(words), classify(documented)), `${name}, ${client}, ${version}: ${words}, documented ${documented}`)
        }
      }
    }
  })
}
