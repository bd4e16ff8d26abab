import fc from 'fast-check'
import { test } from 'tap'
import {
  formatCount, formatDuration, formatShare, formatSize, parseByteRate, parseDuration, parseFrequency, parseShare, parseSize,
  shortDuration
} from '../../src/kernel/units.ts'

const refused = { name: 'PremortemError', code: 'PMT_ERR_INVALID' }

test('a short duration is a week at most', async (t) => {
  t.equal(shortDuration('7d'), 604_800_000)
  t.throws(() => shortDuration(604_800_001), { ...refused, details: { found: 604_800_001, wanted: /7d at most/ } })
})

test('durations as people write them', async (t) => {
  const table: [string | number, number][] = [
    ['500ms', 500], ['2s', 2000], ['1m30s', 90_000], ['0.5s', 500], ['1h', 3_600_000], ['1d', 86_400_000],
    ['250us', 0.25], ['250µs', 0.25], ['1h1m1s1ms', 3_661_001], ['17', 17], [17, 17], [0, 0], [0.5, 0.5], [' 5s ', 5000]
  ]
  for (const [input, ms] of table) t.equal(parseDuration(input), ms, String(input))
})

test('what is no duration', async (t) => {
  const junk = ['', 's', '5 s', '-5s', '5x', '1s5', '1m 30s', '.5s', '5.s', '1e3', 'Infinity', 'NaN', '5S', '9'.repeat(400), `${'9'.repeat(400)}s`]
  for (const input of junk) t.throws(() => parseDuration(input), refused, input.slice(0, 20))
  for (const input of [-1, NaN, Infinity, -Infinity]) t.throws(() => parseDuration(input), refused, String(input))
})

test('sizes, rates, frequencies and shares as people write them', async (t) => {
  t.equal(parseSize('64KB'), 64_000)
  t.equal(parseSize('64kb'), 64_000)
  t.equal(parseSize('64KiB'), 65_536)
  t.equal(parseSize('1.5 MB'), 1_500_000)
  t.equal(parseSize('2GiB'), 2 * 1024 ** 3)
  t.equal(parseSize('512B'), 512)
  t.equal(parseSize(512), 512)
  t.equal(parseByteRate('64KB/s'), 64_000)
  t.equal(parseByteRate('64KB'), 64_000)
  t.equal(parseByteRate(10), 10)
  t.equal(parseFrequency('50/s'), 50)
  t.equal(parseFrequency('600/m'), 10)
  t.equal(parseFrequency('3600/h'), 1)
  t.equal(parseFrequency('7'), 7)
  t.equal(parseFrequency(1e-7), 1e-7)
  t.equal(parseShare('20%'), 0.2)
  t.equal(parseShare('99.9%'), 0.999)
  t.equal(parseShare(0.25), 0.25)
  t.equal(parseShare('0.25'), 0.25)
  t.equal(parseShare(1e-7), 1e-7)
  t.equal(parseShare('0%'), 0)
  t.equal(parseShare('100%'), 1)
})

test('what is no size, rate, frequency or share', async (t) => {
  for (const input of ['', 'KB', '5XB', '-1', '1/s', 'five', '9'.repeat(400), -1, NaN, Infinity]) t.throws(() => parseSize(input), refused, String(input).slice(0, 20))
  for (const input of ['', '/s', '5KB/m', '5KB/s/s', -1, NaN]) t.throws(() => parseByteRate(input), refused, String(input))
  for (const input of ['', '/s', '50/d', '50 / s', -1, NaN, Infinity]) t.throws(() => parseFrequency(input), refused, String(input))
  for (const input of ['', '%', '120%', '-1%', '1.01', '20 %', 2, -0.1, NaN]) t.throws(() => parseShare(input), refused, String(input))
})

test('a refusal names what was found and what was wanted', async (t) => {
  t.throws(() => parseShare('120%'), { ...refused, details: { message: 'not a share', found: '120%', wanted: /20%/ } })
  t.throws(() => parseByteRate('fast'), { ...refused, details: { message: 'not a rate', found: 'fast', wanted: /64KB\/s/ } })
})

test('formats for people', async (t) => {
  const durations: [number, string][] = [
    [0, '0ms'], [0.424, '0.42ms'], [12.34, '12.3ms'], [500, '500ms'], [999.7, '1s'], [1500, '1.5s'], [119_994, '119.99s'],
    [120_000, '2m'], [125_000, '2m5s'], [179_999, '3m'], [3_600_000, '60m'], [Infinity, 'never']
  ]
  for (const [ms, text] of durations) t.equal(formatDuration(ms), text)
  const sizes: [number, string][] = [[0, '0B'], [999, '999B'], [1000, '1KB'], [65_536, '65.5KB'], [999_990, '1MB'], [2.5e9, '2.5GB']]
  for (const [bytes, text] of sizes) t.equal(formatSize(bytes), text)
  const shares: [number, string][] = [[0, '0%'], [1, '100%'], [0.9995, '99.95%'], [0.2, '20%'], [0.999999, '99.9999%'], [0.0000012, '0.0001%']]
  for (const [fraction, text] of shares) t.equal(formatShare(fraction), text)
})

test('what is formatted can be parsed, and is near', async () => {
  const upTo = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true })
  const near = (a: number, b: number, relative: number, least: number): boolean =>
    Math.abs(a - b) <= Math.max(b * relative, least)
  fc.assert(fc.property(upTo(3e11), (ms) => near(parseDuration(formatDuration(ms)), ms, 0.005, 0.005)))
  fc.assert(fc.property(upTo(1e13), (bytes) => near(parseSize(formatSize(bytes)), bytes, 0.051, 0.05)))
  fc.assert(fc.property(upTo(1), (share) => near(parseShare(formatShare(share)), share, 0, 0.5e-5)))
})

test('whole numbers of a unit survive the round trip', async () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 999 }), (ms) => parseDuration(formatDuration(ms)) === ms))
  fc.assert(fc.property(fc.nat(1e6), (seconds) => parseDuration(formatDuration(seconds * 1000)) === seconds * 1000))
  fc.assert(fc.property(fc.integer({ min: 0, max: 100_000 }), (n) => parseShare(formatShare(n / 100_000)) === n / 100_000))
})

test('any text and number gives a sound number or PMT_ERR_INVALID', async () => {
  const parsers = [parseDuration, parseSize, parseByteRate, parseFrequency, parseShare]
  const input = fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^\d{1,5}(\.\d{1,3})?(ms|s|m|KB|%|\/s)*$/))
  fc.assert(fc.property(input, fc.constantFrom(...parsers), (text, parse) => {
    try {
      const value = parse(text)
      return Number.isFinite(value) && value >= 0
    } catch (error) {
      return (error as { code?: string }).code === 'PMT_ERR_INVALID'
    }
  }), { numRuns: 2000 })
})

test('counts have their thousands set apart', async (t) => {
  t.equal(formatCount(0), '0')
  t.equal(formatCount(999), '999')
  t.equal(formatCount(1234567), '1,234,567')
  t.equal(formatCount(29_956.4), '29,956')
})
