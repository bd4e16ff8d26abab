import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { createFileWallets } from '../../src/experiment/wallet-file.ts'

const ENTRY = { run: 'run-1', title: 'What if?', at: '2026-01-01T00:00:00.000Z', share: 0.02, settled: false }

test('what is written is there, for others too, and nothing else is', async (t) => {
  const root = join(t.testdir(), 'data', 'wallets')
  const wallets = createFileWallets(root)
  t.strictSame(wallets.read('checkout'), [])
  wallets.write('checkout', [ENTRY])
  t.strictSame(createFileWallets(root).read('checkout'), [ENTRY])
  t.strictSame(wallets.read('search'), [])
  wallets.write('checkout', [])
  t.strictSame(wallets.read('checkout'), [])
  t.strictSame(readdirSync(root), ['checkout.json'])
  t.match(JSON.parse(readFileSync(join(root, 'checkout.json'), 'utf8')), { slo: 'checkout', entries: [] })
})

test('a wallet that is broken is not an empty one', async (t) => {
  const root = t.testdir()
  const wallets = createFileWallets(root)
  for (const text of ['', '{"entries":[', '[]', '{}', 'null', '{"entries":[{"run":"a"}]}', '{"entries":[{"run":"a","at":"yesterday","share":1}]}', '{"entries":[null]}']) {
    writeFileSync(join(root, 'checkout.json'), text)
    t.throws(() => wallets.read('checkout'), { code: 'PMT_ERR_FILE_UNREADABLE', details: { file: join(root, 'checkout.json') } }, text)
  }
})

test('what cannot be written is said', async (t) => {
  const root = join(t.testdir({ file: '' }), 'file')
  t.throws(() => createFileWallets(root).write('checkout', [ENTRY]), { code: 'PMT_ERR_FILE_UNREADABLE', message: /cannot be read or written/ })
  if (process.getuid?.() === 0) return
  const locked = t.testdir()
  chmodSync(locked, 0o500)
  t.throws(() => createFileWallets(locked).write('checkout', [ENTRY]), { code: 'PMT_ERR_FILE_UNREADABLE' })
})
