import { test } from 'tap'
import { findByJsonPath } from '../../../src/adapters/chaos-toolkit/jsonpath.ts'
import type { Json } from '../../../src/adapters/chaos-toolkit/types.ts'

const V = { foo: [{ baz: 1 }, { baz: 2 }] }
const SHOP = { x: [10, 11, 12, 13], who: { name: 'ann', age: 30 }, tags: ['a', 'b'], deep: { x: 1 } }

const FOUND: [string, Json, Json[]][] = [
  ['$.foo.*[?(@.baz)]', V, [{ baz: 1 }, { baz: 2 }]],
  ['$.foo.*[?(@.baz)].baz', V, [1, 2]],
  ['$.notsofoo.*[?(@.baz)].baz', V, []],
  ['$.foo.*[?(@.baz=2)]', V, [{ baz: 2 }]],
  ['$.foo[*].baz', V, [1, 2]],
  ['$.foo[?(@.baz)].baz', V, []],
  ['$.foo[?(@.baz)].baz', { foo: { baz: 'hello' } }, ['hello']],
  ['$.foo[?(@.baz)].baz', { foo: { baz: ['hello', 'bonjour'] } }, [['hello', 'bonjour']]],
  ['$.foo[?(@.baz)].baz', { foo: { jon: 'boom' } }, []],
  ['$', V, [V]],
  ['$.x[0:2:1]', SHOP, [10, 11]],
  ['$.x[-1]', SHOP, [13]],
  ['$.x[9]', SHOP, []],
  ['$.x[-2:]', SHOP, [12, 13]],
  ['$.x[::-2]', SHOP, [13, 11]],
  ['$.x[5:0:-2]', SHOP, [13, 11]],
  ['$.x[1, 0]', SHOP, [11, 10]],
  ['$..x', SHOP, [[10, 11, 12, 13], 1]],
  ['$..*[?(@ > 12)]', SHOP, [13, 30]],
  ['$["who"]["name"]', SHOP, ['ann']],
  ['$.who[?(@.name = "ann" and @.age >= 30)].age', SHOP, [30]],
  ['$.who[?(not @.name = "ann")].age', SHOP, []],
  ['$.who[?(@.name != "bob" and (@.age < 3 or $.deep.x = 1))].age', SHOP, [30]],
  ['$[?(@.tags contains "b")].tags[0]', SHOP, ['a']],
  ['$.who.*[?(@ contains "nn")]', SHOP, ['ann']],
  ['$[?(@.who contains "age")].deep.x', SHOP, [1]],
  ['$.who[?(@.name < 3)]', SHOP, []],
  ['$[?(@.tags = ["a", "b"])].deep', SHOP, [{ x: 1 }]],
  ['$[?(@.deep = {"x": 1})].deep', SHOP, [{ x: 1 }]],
  ['$.foo.length()', V, [2]],
  ['$.who.keys()', SHOP, [['name', 'age']]],
  ['$.who.values()', SHOP, [['ann', 30]]],
  ['$.who.name.length()', SHOP, [3]],
  ['$.flag[?(@ = 1)]', { flag: true }, [true]]
]

for (const [path, value, found] of FOUND) test(`${path} of ${JSON.stringify(value)}`, async (t) => t.strictSame(findByJsonPath(path, value), found))
