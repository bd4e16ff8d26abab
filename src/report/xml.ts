/** An element: its name, its attributes, and its text or children. */
export interface Element {
  name: string
  attributes: Readonly<Record<string, string | number>>
  content?: string | readonly Element[]
}

// What XML 1.0 has no way to say, not even as a reference: most control characters, halves of pairs, and two that are none.
// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;'
}

/** Text between tags. What XML cannot say is left out. */
export function escapeText (text: string): string {
  return text.replace(UNSAYABLE, '').replace(/[&<>\r]/g, (sign) => REFERENCES[sign]!)
}

/** The value of an attribute, without its quotes; line breaks and tabs survive. */
export function escapeAttribute (text: string): string {
  return text.replace(UNSAYABLE, '').replace(/[&<>"'\n\r\t]/g, (sign) => REFERENCES[sign]!)
}

/** An XML 1.0 document of one element, indented; ends with a line break. */
export function renderXml (root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${linesOf(root, '').join('\n')}\n`
}

function linesOf ({ name, attributes, content }: Element, indent: string): string[] {
  const told = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(String(value))}"`).join('')
  if (content === undefined || content.length === 0) return [`${indent}<${name}${told}/>`]
  if (typeof content === 'string') return [`${indent}<${name}${told}>${escapeText(content)}</${name}>`]
  return [`${indent}<${name}${told}>`, ...content.flatMap((child) => linesOf(child, `${indent}  `)), `${indent}</${name}>`]
}
