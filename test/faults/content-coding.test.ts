import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { test } from 'tap'
import { decodeContent } from '../../src/faults/content-coding.ts'

const text = Buffer.from('{"price":12}')

test('every coding, and several on top of each other', async (t) => {
  t.strictSame(decodeContent(text, undefined), text)
  t.strictSame(decodeContent(text, 'identity'), text)
  t.strictSame(decodeContent(gzipSync(text), 'gzip'), text)
  t.strictSame(decodeContent(gzipSync(text), ' X-GZIP '), text)
  t.strictSame(decodeContent(deflateSync(text), 'deflate'), text)
  t.strictSame(decodeContent(deflateRawSync(text), 'deflate'), text, 'without its wrapper')
  t.strictSame(decodeContent(brotliCompressSync(text), 'br'), text)
  t.strictSame(decodeContent(gzipSync(brotliCompressSync(text)), 'br, gzip'), text)
})

test('what cannot be decoded', async (t) => {
  t.equal(decodeContent(text, 'gzip'), null)
  t.equal(decodeContent(Buffer.alloc(0), 'deflate'), null)
  t.equal(decodeContent(gzipSync(text).subarray(0, 20), 'gzip'), null)
  t.equal(decodeContent(text, 'zstd'), null)
  t.equal(decodeContent(gzipSync(Buffer.alloc(9 * 1024 * 1024)), 'gzip'), null, 'a bomb')
})
