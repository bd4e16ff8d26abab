import { Duration, Share, Strict, OneOf, decode } from '../src/kernel/schema.ts'
import { parseText } from '../src/kernel/text.ts'
import { Type } from 'typebox'
const S = Strict({ delay: Duration(), share: Type.Optional(Share({default: '100%'})), on: OneOf(['a','bcd']), list: Type.Optional(Type.Array(Strict({ x: Duration({default: 5}) }))), n: Type.Optional(Type.Integer({minimum:1, maximum:5})), u: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])) })
const ty = decode(S, { delay: '1s', on: 'a' }); const n: number = ty.delay; const o: 'a'|'bcd' = ty.on
console.log(ty, n, o)
for (const text of ['delay: 1x\non: a', 'delay: 1s\non: z', 'delay: 1s\non: a\nlist:\n  - { x: 3s }\n  - { y: 1 }', 'delay: 1s\non: a\nn: 9', 'on: a', 'delay: 1s\non: a\nu: [1]', 'delay: 1s\non: a\nshare: 120%', 'delay: 1s\nonn: a', 'a: [', 'delay: 1s\non: a\nlist: [{x: 1s}]']) {
  try { const t = parseText(text, 'f.yaml'); console.log(t.locate(() => decode(S, t.value))) } catch (e) { console.log(JSON.stringify(e)) }
}
