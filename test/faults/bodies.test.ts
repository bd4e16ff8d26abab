import { test } from 'tap'
import { onBodies, requestLength, responseLength } from '../../src/faults/bodies.ts'
import type { HttpContext } from '../../src/faults/fault.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { requestHead, responseHead } from '../helpers/heads.ts'

test('what a response says of its length', async (t) => {
  const get = requestHead()
  t.equal(responseLength(responseHead(200, { 'content-length': '12' }), get), 12)
  t.equal(responseLength(responseHead(200, { 'content-length': '0' }), get), 0)
  t.equal(responseLength(responseHead(200, { 'transfer-encoding': 'chunked' }), get), undefined)
  t.equal(responseLength(responseHead(200, { 'transfer-encoding': 'chunked', 'content-length': '12' }), get), undefined)
  t.equal(responseLength(responseHead(), get), undefined, 'until the connection ends')
  t.equal(responseLength(responseHead(200, { 'content-length': '12, 13' }), get), undefined)
  for (const status of [204, 304]) t.equal(responseLength(responseHead(status, { 'content-length': '12' }), get), null)
  t.equal(responseLength(responseHead(200, { 'content-length': '12' }), requestHead({ method: 'HEAD' })), null)
})

test('what a request says of its', async (t) => {
  const lengthOf = (headers: Record<string, string>) => requestLength(requestHead({ method: 'POST', headers }))
  t.strictSame([lengthOf({ 'content-length': '12' }), lengthOf({ 'transfer-encoding': 'chunked' }), lengthOf({})], [12, undefined, null])
})

test('a behaviour asks only about bodies that are there', async (t) => {
  const context: HttpContext = { random: createRandom(1), elapsed: 0, request: requestHead() }
  const unfit = (of: string) => ({ do: 'unfit', why: `the ${of} has no body` })
  const lengths: (number | undefined)[] = []
  const responses = onBodies('response', (length) => {
    lengths.push(length)
    return { do: 'hang' }
  })
  t.equal(responses.request, undefined)
  t.strictSame(responses.response!(responseHead(204), context), unfit('response'))
  t.strictSame(responses.response!(responseHead(200, { 'content-length': '0' }), context), unfit('response'))
  t.strictSame(responses.response!(responseHead(200, { 'content-length': '5' }), context), { do: 'hang' })
  t.strictSame(responses.response!(responseHead(200), context), { do: 'hang' })
  t.strictSame(lengths, [5, undefined])

  const requests = onBodies('request', () => ({ do: 'hang' }), true)
  t.equal(requests.response, undefined)
  t.strictSame(requests.request!(requestHead(), context), unfit('request'))
  t.strictSame(requests.request!(requestHead({ headers: { 'content-length': '0' } }), context), { do: 'hang' }, 'empty ones, where they are wanted')
})
