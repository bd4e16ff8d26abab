import fc from 'fast-check'
import { test } from 'tap'
import { ClientCertificateWatch } from '../../../src/proxy/tls/client-auth.ts'

const record = (type: number, body: number[]): number[] => [type, 3, 3, body.length >> 8, body.length & 255, ...body]
const message = (type: number, body: number[]): number[] => [type, 0, body.length >> 8, body.length & 255, ...body]
const CERTIFICATE = message(11, [0, 0, 4, 0, 0, 1, 5])
const NONE = message(11, [0, 0, 0])
const KEY_EXCHANGE = message(16, [1, 2, 3])
const CHANGE = record(20, [1])

test('the moment is the ChangeCipherSpec after a certificate, however the bytes come', async (t) => {
  const flight = Buffer.from([...record(22, [...CERTIFICATE, ...KEY_EXCHANGE]), ...CHANGE])
  fc.assert(fc.property(fc.integer({ min: 1, max: flight.length }), (size) => {
    const watch = new ClientCertificateWatch()
    let seen = false
    for (let at = 0; at < flight.length; at += size) seen ||= watch.push(flight.subarray(at, at + size))
    return seen
  }))
  t.notOk(new ClientCertificateWatch().push(flight.subarray(0, flight.length - 6)), 'not before')
})

test('there is none for a client that shows no certificate, nor without a ChangeCipherSpec', async (t) => {
  t.notOk(new ClientCertificateWatch().push(Buffer.from([...record(22, [...NONE, ...KEY_EXCHANGE]), ...CHANGE])))
  t.notOk(new ClientCertificateWatch().push(Buffer.from([...record(22, CERTIFICATE), ...record(23, [1, 2])])))
})
