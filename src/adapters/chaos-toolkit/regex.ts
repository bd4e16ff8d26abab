const FLAGS = new Set(['i', 'm', 's'])

/**
 * A regular expression as Python's `re` reads it: `(?P<name>...)`, `(?i)` at its start, `\A` and `\Z`, and a `$` that also
 * stands before a line break at the end. Throws SyntaxError. `\d`, `\w` and `\s` are JavaScript's.
 */
export function pythonRegex (pattern: string): RegExp {
  const leading = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const flags = new Set([...leading?.[1] ?? ''].filter((flag) => FLAGS.has(flag)))
  const multiline = flags.has('m')
  let rest = pattern.slice(leading?.[0].length ?? 0)
  let source = ''
  let inClass = false
  while (rest !== '') {
    const token = /^(?:\\[^]|\(\?P<|\(\?P=\w+\)|[^])/.exec(rest)![0]
    rest = rest.slice(token.length)
    if (inClass) {
      if (token === ']') inClass = false
      source += token
      continue
    }
    if (token === '[') {
      inClass = true
      // In Python a bracket right at the start is one of the class.
      const first = /^\^?\]/.exec(rest)?.[0] ?? ''
      rest = rest.slice(first.length)
      source += `[${first.replace(']', '\\]')}`
    } else source += inOurs(token, multiline, flags.has('s'))
  }
  return new RegExp(source, [...flags].filter((flag) => flag !== 's').join(''))
}

function inOurs (token: string, multiline: boolean, dotAll: boolean): string {
  if (token === '(?P<') return '(?<'
  if (token.startsWith('(?P=')) return `\\k<${token.slice(4, -1)}>`
  switch (token) {
    case '\\A': return '(?<![^])'
    case '\\Z': return '(?![^])'
    case '.': return dotAll ? '[^]' : '[^\\n]'
    case '^': return multiline ? '(?<![^\\n])' : '(?<![^])'
    case '$': return multiline ? '(?![^\\n])' : '(?=\\n?(?![^]))'
    default: return token
  }
}
