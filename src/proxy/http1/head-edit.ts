/** What is to be changed in a head: names are lower case. */
export interface HeadEdit { set: Readonly<Record<string, string>>, remove: ReadonlySet<string> }

/**
 * A head with fields taken out and put in; every other line stays as it was, byte for byte. A field that is set stands
 * once, at the end.
 */
export function editHead (head: Buffer, { set, remove }: HeadEdit): Buffer {
  const names = new Set(Object.keys(set).map((name) => name.toLowerCase()))
  const [first, ...fields] = head.toString('latin1').split('\r\n').slice(0, -2)
  const kept = fields.filter((line) => {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    return !remove.has(name) && !names.has(name)
  })
  const lines = [first, ...kept, ...Object.entries(set).map(([name, value]) => `${name}: ${value}`)]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
