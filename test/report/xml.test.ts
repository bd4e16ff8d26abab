import { test } from 'tap'
import { escapeAttribute, escapeText, renderXml } from '../../src/report/xml.ts'
import { parseXml } from './xml.ts'

const NASTY = 'a<b>&"c\' ]]> \u0000\u0008\u001b[31m\u{1f4a5} \ud800 x\udc00 \uffff \n\r\t &amp; <!-- -->'
const SAYABLE = 'a<b>&"c\' ]]> [31m\u{1f4a5}  x  \n\r\t &amp; <!-- -->'

test('what is written is read back, less what XML cannot say', async (t) => {
  const text = renderXml({ name: 'a', attributes: { b: NASTY, n: 1 }, content: [{ name: 'c', attributes: {}, content: NASTY }, { name: 'd', attributes: {}, content: '' }] })
  t.same(parseXml(text), {
    name: 'a', attributes: { b: SAYABLE, n: '1' }, text: '', children: [{ name: 'c', attributes: {}, text: SAYABLE, children: [] }, { name: 'd', attributes: {}, text: '', children: [] }]
  })
  t.match(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<a [^]*<\/a>\n$/)
})

test('text and attributes are escaped', async (t) => {
  t.equal(escapeText('1 < 2 && ]]>\r'), '1 &lt; 2 &amp;&amp; ]]&gt;&#13;')
  t.equal(escapeAttribute('"a"\n'), '&quot;a&quot;&#10;')
})

test('what is not well-formed is noticed', async (t) => {
  for (const text of ['<a>', '<a></b>', '<a b=c/>', '<a>&nbsp;</a>', '<a>\u0001</a>', '<a/><b/>', '<a b="<"/>', '<a b="1" b="2"/>', '<a>&</a>']) {
    t.throws(() => parseXml(text), text)
  }
})
