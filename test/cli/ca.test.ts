import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { certificateView, folderOption, outOptions, quote, trustLines, writeOut } from '../../src/cli/ca.ts'
import { testAuthority } from '../helpers/certificates.ts'

test('a certificate for people', async (t) => {
  const { authority } = (await testAuthority()).identities
  t.match(certificateView(authority.root), {
    subject: /^O=premortem, CN=premortem TEST CA /, notAfter: authority.notAfter.toISOString(), notBefore: /Z$/, fingerprint256: /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/
  })
})

test('what is written to a file does not overwrite one unless told so', async (t) => {
  const out = join(t.testdir({}), 'ca.crt')
  t.equal(writeOut({}, 'pem'), null)
  t.equal(writeOut({ out }, 'pem'), out)
  t.throws(() => writeOut({ out }, 'other'), { code: 'PMT_ERR_FILE_EXISTS', details: { file: out } })
  t.equal(readFileSync(out, 'utf8'), 'pem')
  writeOut({ out, force: true }, 'other')
  t.equal(readFileSync(out, 'utf8'), 'other')
  t.throws(() => writeOut({ out: join(out, 'x') }, 'pem'), { code: 'PMT_ERR_FILE_UNREADABLE', details: { found: 'ENOTDIR' } })
})

test('lines to hand out name the root, and never a key', async (t) => {
  const lines = trustLines('/srv/a folder')
  t.same(Object.keys(lines), ['bundle', 'node', 'curl', 'python', 'go', 'java', 'kubernetes'])
  for (const { say } of Object.values(lines)) {
    t.match(say, /'\/srv\/a folder(\/(root|bundle)\.pem)?'/)
    t.notMatch(say, /\.key/)
  }
})

test('words are as a shell takes them', async (t) => {
  for (const word of ['plain/word.pem', 'a b', 'it\'s', '$HOME', 'a;b', '']) {
    t.equal(spawnSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' }).stdout, word)
  }
  t.equal(quote('plain/word.pem'), 'plain/word.pem')
})

test('options are described', async (t) => {
  for (const { describe } of [...Object.values(folderOption), ...Object.values(outOptions)]) t.ok(describe)
})
