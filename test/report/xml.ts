/** An element as a strict reader sees it. */
export interface Read { name: string, attributes: Record<string, string>, text: string, children: Read[] }

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescape (text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(text)) throw new Error(`not a character of XML in ${JSON.stringify(text)}`)
  // As a parser has it: raw line ends are one sign, and only references stay what they are.
  return text.replace(/\r\n?/g, '\n').replace(/&(#\d+|\w*)(;?)/g, (all, name: string, end) => {
    if (end === ';' && name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
    if (end !== ';' || NAMED[name] === undefined) throw new Error(`no such reference: ${all}`)
    return NAMED[name]
  })
}

/** Reads the XML that we write: elements, attributes, text. Throws for what is not well-formed, and for anything else. */
export function parseXml (text: string): Read {
  const stack: Read[] = [{ name: '', attributes: {}, text: '', children: [] }]
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  for (const [piece] of body.matchAll(/<[^>]*>|[^<]+|</g)) {
    const top = stack.at(-1)!
    if (!piece.startsWith('<')) {
      top.text += unescape(piece)
      continue
    }
    const end = /^<\/([\w-]+)>$/.exec(piece)
    if (end !== null) {
      if (end[1] !== top.name || stack.length === 1) throw new Error(`${piece} ends ${top.name}`)
      // White space between elements is layout.
      if (top.children.length > 0 && top.text.trim() === '') top.text = ''
      stack.pop()
      continue
    }
    const start = /^<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>$/.exec(piece)
    if (start === null) throw new Error(`not well-formed: ${piece}`)
    const pairs = [...start[2]!.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, unescape(value!.replace(/[\n\t]/g, ' '))] as const)
    const attributes = Object.fromEntries(pairs)
    if (Object.keys(attributes).length < pairs.length) throw new Error(`an attribute twice: ${piece}`)
    const element: Read = { name: start[1]!, attributes, text: '', children: [] }
    top.children.push(element)
    if (start[3] === '') stack.push(element)
  }
  const [root, ...more] = stack[0]!.children
  if (stack.length > 1 || root === undefined || more.length > 0 || stack[0]!.text.trim() !== '') throw new Error('not one whole element')
  return root
}
