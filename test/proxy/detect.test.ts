import { test } from 'tap'
import { detectHttp1 } from '../../src/proxy/detect.ts'

const detect = (text: string): string => detectHttp1(Buffer.from(text, 'latin1'))

test('request lines are http/1', async (t) => {
  for (const line of ['GET / HTTP/1.1', 'HEAD / HTTP/1.0', 'CONNECT a:1 HTTP/1.1', 'OPTIONS * HTTP/1.1', 'DELETE /\xe9 HTTP/1.1']) {
    t.equal(detect(`${line}\r\n`), 'yes', line)
    for (let length = 0; length < line.length + 2; length++) {
      if (detect(`${line}\r\n`.slice(0, length)) !== 'more') t.fail(`${length} bytes of ${line} say ${detect(line.slice(0, length))}`)
    }
  }
})

test('everything else is not', async (t) => {
  for (const text of [
    '\x16\x03\x01', 'get / HTTP/1.1\r\n', 'GET\t/ HTTP/1.1\r\n', 'GETS / HTTP/1.1\r\n', 'GET / HTTP/2.0\r\n', 'GET /\r\n', 'GET / HTTP/1.1\n',
    'GET key\r\n', 'PRI * HTTP/2.0\r\n', '*1\r\n$4\r\nPING\r\n', 'X', 'PUTT', '\0', `GET /${'a'.repeat(9000)}`
  ]) t.equal(detect(text), 'no', JSON.stringify(text.slice(0, 30)))
})
