import { test } from 'tap'
import type { StreamAction } from '../../../src/faults/fault.ts'
import { requestHead, responseHead } from '../../helpers/heads.ts'
import { playHttp } from '../../helpers/playbook.ts'

const pass = { do: 'pass' }

/** What becomes of pieces of a body, by their sizes. */
function pieces (written: Record<string, unknown>, headers: Record<string, string>, ...sizes: number[]): StreamAction[] {
  const action = playHttp({ type: 'truncate', ...written }).response(responseHead(200, headers))
  if (action.do !== 'body') throw new Error(action.do)
  return sizes.map((size) => action.behaviour.chunk!(new Uint8Array(size), 0))
}

test('a part of the length', async (t) => {
  t.strictSame(pieces({}, { 'content-length': '100' }, 40, 60), [pass, { do: 'cut', bytes: 10, how: 'close' }])
  t.strictSame(pieces({ fraction: '10%', how: 'reset' }, { 'content-length': '105' }, 105), [{ do: 'cut', bytes: 10, how: 'reset' }])
  t.strictSame(pieces({ fraction: 0 }, { 'content-length': '100' }, 5), [{ do: 'cut', bytes: 0, how: 'close' }])
})

test('of the first piece, where the length is not known', async (t) => {
  t.strictSame(pieces({}, { 'transfer-encoding': 'chunked' }, 40), [{ do: 'cut', bytes: 20, how: 'close' }])
})

test('so many bytes', async (t) => {
  t.strictSame(pieces({ keep: '50B' }, { 'transfer-encoding': 'chunked' }, 40, 40), [pass, { do: 'cut', bytes: 10, how: 'close' }])
  t.strictSame(pieces({ keep: 40 }, { 'content-length': '100' }, 40), [{ do: 'cut', bytes: 40, how: 'close' }], 'at once, not with the next piece')
})

test('a stall delivers as much and never the rest', async (t) => {
  const hold = { do: 'hold', ms: Infinity }
  t.strictSame(pieces({ how: 'stall' }, { 'content-length': '100' }, 60, 40), [{ do: 'split', sizes: [50, 10], gap: Infinity }, hold])
  t.strictSame(pieces({ how: 'stall' }, { 'content-length': '100' }, 50, 50), [pass, hold])
})

test('where there is nothing to cut, it is unfit', async (t) => {
  const play = playHttp({ type: 'truncate', keep: 100 })
  for (const response of [responseHead(204), responseHead(200, { 'content-length': '0' }), responseHead(200, { 'content-length': '100' })]) {
    t.equal(play.response(response).do, 'unfit')
  }
  t.equal(play.response(responseHead(), 0, requestHead({ method: 'HEAD' })).do, 'unfit')
  t.equal(playHttp({ type: 'truncate', fraction: 1 }).response(responseHead(200, { 'content-length': '9' })).do, 'unfit')
  t.strictSame(play.request(), pass)
})
