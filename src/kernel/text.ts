import { readFile } from 'node:fs/promises'
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Alias, Document, DocumentOptions, Node, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml'
import { PremortemError } from './errors.ts'

/** A parsed YAML or JSON text that still knows where each value stands. */
export interface ParsedText {
  value: unknown
  /** Runs `check` and adds file, line and column to a PremortemError that names a path. */
  locate: <T>(check: () => T) => T
}

/** Which YAML a text is in; 1.1 is as PyYAML reads it, but for dates, which stay text. */
export interface TextOptions { yaml?: '1.1' | '1.2' }

/**
 * The plain value of a YAML or JSON text. Throws PMT_ERR_SYNTAX with line and column; also for tags (but for those of
 * YAML 1.1 in such a text), several documents, and aliases that unfold to more than a hundred times what was written.
 */
export function parseText (text: string, file?: string, { yaml = '1.2' }: TextOptions = {}): ParsedText {
  const lines = new LineCounter()
  const place = (offset: number): { line: number, column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const document = parseDocument(text, {
    lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error', ...DIALECTS[yaml]
  })
  const failed = document.errors[0] ?? document.warnings[0]
  if (failed !== undefined) {
    throw new PremortemError('PMT_ERR_SYNTAX', { message: IN_OUR_WORDS[failed.code] ?? failed.message, file, ...place(failed.pos[0]) })
  }
  const aliases = aliasesOf(document)
  if (aliases.dangling !== undefined) {
    const message = `no anchor \`&${aliases.dangling.source}\` stands before this alias`
    throw new PremortemError('PMT_ERR_SYNTAX', { message, file, ...place(aliases.dangling.range?.[0] ?? 0) })
  }
  let value: unknown
  try {
    // Here aliases are followed, so this is where a bomb shows.
    value = document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    const bomb = cause instanceof ReferenceError
    throw new PremortemError('PMT_ERR_SYNTAX', {
      message: bomb ? 'the aliases unfold to too much' : IN_OUR_WORDS.RESOURCE_EXHAUSTION,
      hint: bomb ? 'write the aliased values out' : undefined,
      file,
      ...place(aliases.first?.range?.[0] ?? 0),
      cause
    })
  }
  return {
    value,
    locate (check) {
      try {
        return check()
      } catch (error) {
        if (!(error instanceof PremortemError)) throw error
        const offset = offsetOf(document.contents, (error.details.path ?? '').split('.').filter(Boolean))
        throw error.at({ file, ...(offset === undefined ? {} : place(offset)) })
      }
    }
  }
}

/**
 * The same for a text of several YAML documents, each behind a line of `---`; lines are those of the whole text. Throws as
 * parseText.
 */
export function parseTexts (text: string, file?: string): ParsedText[] {
  const lines = text.split('\n')
  // A `---` that only remarks and directives precede begins the same document; nothing else can begin with it.
  const starts = lines.flatMap((line, i) => /^---(\s|$)/.test(line) ? [i] : [])
  const head = lines.slice(0, starts[0]).every((line) => /^\uFEFF?\s*(#.*)?$|^%/.test(line))
  const begins = head ? starts.slice(1) : starts
  return [0, ...begins].map((begin, i) => parseText('\n'.repeat(begin) + lines.slice(begin, begins[i]).join('\n'), file))
}

const PYTHON_BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/

// PyYAML leaves `y` and `n` alone, and JSON has no dates.
const pythonTags = (tags: Tags): Tags => tags.flatMap((tag) => {
  if (typeof tag !== 'object' || !('test' in tag)) return [tag]
  if (tag.tag === 'tag:yaml.org,2002:timestamp') return []
  if (tag.tag !== 'tag:yaml.org,2002:bool' || tag.test === undefined) return [tag]
  const { test } = tag
  return [{ ...tag, test: { test: (text: string) => PYTHON_BOOLEAN.test(text) && test.test(text) } as RegExp } as ScalarTag]
})

const DIALECTS: Readonly<Record<'1.1' | '1.2', ParseOptions & DocumentOptions & SchemaOptions>> = {
  1.1: { version: '1.1', customTags: pythonTags },
  1.2: { resolveKnownTags: false }
}

// Where the library's own words speak to programmers.
const IN_OUR_WORDS: Record<string, string | undefined> = {
  MULTIPLE_DOCS: 'the text holds more than one document',
  DUPLICATE_KEY: 'a key stands here twice',
  RESOURCE_EXHAUSTION: 'the text is nested too deeply'
}

/** The first alias, and the first that stands before its anchor. */
function aliasesOf (document: Document): { first?: Alias, dangling?: Alias } {
  const anchors = new Set<string>()
  const found: { first?: Alias, dangling?: Alias } = {}
  visit(document, {
    Value: (_, node) => { if (node.anchor !== undefined) anchors.add(node.anchor) },
    Alias: (_, node) => {
      found.first ??= node
      if (!anchors.has(node.source)) found.dangling ??= node
    }
  })
  return found
}

/**
 * Where the value at a path stands: the value itself if it is a scalar or an item of a list, else its key, because a
 * mapping may begin on the next line. What is missing has no place of its own; the nearest parent stands for it.
 */
function offsetOf (root: unknown, path: readonly string[]): number | undefined {
  let node = root
  let offset = isNode(root) ? root.range?.[0] : undefined
  for (const key of path) {
    let next: unknown
    let start: number | undefined
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      next = pair?.value
      start = (isScalar(next) && next.source !== '' ? next : pair?.key as Node | undefined)?.range?.[0]
    } else if (isSeq(node)) {
      next = node.items[Number(key)]
      start = isNode(next) ? next.range?.[0] : undefined
    }
    if (start === undefined) break
    node = next
    offset = start
  }
  return offset
}

/** The text of a file. Throws PMT_ERR_FILE_NOT_FOUND or PMT_ERR_FILE_UNREADABLE, naming it. */
export async function readTextFile (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new PremortemError(code === 'ENOENT' ? 'PMT_ERR_FILE_NOT_FOUND' : 'PMT_ERR_FILE_UNREADABLE', { file, found: code, cause: error })
  }
}
