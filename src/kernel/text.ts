import { readFile } from 'node:fs/promises'
import { LineCounter, isNode, parseDocument } from 'yaml'
import { PremortemError } from './errors.ts'

/** A parsed YAML or JSON text that still knows where each value stands. */
export interface ParsedText {
  value: unknown
  /** Runs `check` and adds file, line and column to a PremortemError that names a path. */
  locate: <T>(check: () => T) => T
}

/** The plain value of a YAML 1.2 or JSON text. Throws PMT_ERR_SYNTAX with line and column. */
export function parseText (text: string, file?: string): ParsedText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const failed = document.errors[0]
  if (failed !== undefined) {
    const { line, col } = lines.linePos(failed.pos[0])
    throw new PremortemError('PMT_ERR_SYNTAX', { message: failed.message, file, line, column: col })
  }
  const positionOf = (path: string): { line?: number, column?: number } => {
    // A missing key has no place of its own: the nearest parent that is there stands for it.
    const keys = path.split('.').filter(Boolean)
    for (; ; keys.pop()) {
      const node = keys.length === 0 ? document.contents : document.getIn(keys.map(index), true)
      if (isNode(node) && node.range != null) {
        const { line, col } = lines.linePos(node.range[0])
        return { line, column: col }
      }
      if (keys.length === 0) return {}
    }
  }
  return {
    value: document.toJS({ maxAliasCount: 100 }) as unknown,
    locate (check) {
      try {
        return check()
      } catch (error) {
        if (!(error instanceof PremortemError)) throw error
        throw error.at({ file, ...positionOf(error.details.path ?? '') })
      }
    }
  }
}

const index = (key: string): string | number => /^\d+$/.test(key) ? Number(key) : key

/** The text of a file. Throws PMT_ERR_FILE_NOT_FOUND or PMT_ERR_FILE_UNREADABLE, naming it. */
export async function readTextFile (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new PremortemError(code === 'ENOENT' ? 'PMT_ERR_FILE_NOT_FOUND' : 'PMT_ERR_FILE_UNREADABLE', { file, found: code, cause: error })
  }
}
