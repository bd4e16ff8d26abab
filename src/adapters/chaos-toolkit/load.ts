import { extname } from 'node:path'
import { request } from 'undici'
import type { Dispatcher } from 'undici'
import { PremortemError } from '../../kernel/errors.ts'
import { parseText, readTextFile } from '../../kernel/text.ts'
import type { ParsedText } from '../../kernel/text.ts'
import { isChaosToolkit } from './document.ts'
import { invalid } from './invalid.ts'

/** Whether a file's name is an address of the web. */
export const isUrl = (file: string): boolean => /^https?:\/\//i.test(file)

/**
 * Whether a file, or what stands at a URL, is an experiment of the Chaos Toolkit. A file that cannot be read, or does not parse,
 * is none: whoever reads it in earnest tells of it.
 */
export async function holdsChaos (file: string): Promise<boolean> {
  if (isUrl(file)) return true
  try {
    return isChaosToolkit(parseText(await readTextFile(file), file, { yaml: '1.1' }).value)
  } catch {
    return false
  }
}

/** What loading from the web needs: the token that goes with it, and what connects; undici's own if left out. */
export interface LoadOptions { token?: string | undefined, dispatcher?: Dispatcher | undefined }

const JSON_TYPES = ['application/json']
const YAML_TYPES = ['application/x-yaml', 'text/yaml', 'application/yaml']

/** How long a server may take, in milliseconds. */
const TIMEOUT = 30_000

/**
 * The text of an experiment of the Chaos Toolkit, parsed: from a file, whose name must end in .json, .yaml or .yml, or from a
 * http(s) URL. YAML is read as YAML 1.1, as it is there. Throws PMT_ERR_FILE_NOT_FOUND, PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX,
 * and PMT_ERR_CHAOS_TOOLKIT (InvalidSource).
 */
export async function loadChaosText (source: string, options: LoadOptions = {}): Promise<ParsedText> {
  if (isUrl(source)) return await loadFromWeb(source, options)
  const extension = extname(source).toLowerCase()
  if (!['.json', '.yaml', '.yml'].includes(extension)) {
    throw invalid('InvalidSource', 'only files with json, yaml or yml extensions are supported', { file: source, found: extension || 'no extension', wanted: '.json, .yaml or .yml' })
  }
  return parseText(await readTextFile(source), source, extension === '.json' ? {} : { yaml: '1.1' })
}

async function loadFromWeb (url: string, { token, dispatcher }: LoadOptions): Promise<ParsedText> {
  const { type, text } = await download(url, token, dispatcher)
  if (JSON_TYPES.includes(type)) return parseJson(text, url)
  if (YAML_TYPES.includes(type)) return parseText(text, url, { yaml: '1.1' })
  if (type !== 'text/plain') {
    throw invalid('InvalidSource', `the type of what stands at ${url} is not supported`, { found: type || 'no content type', wanted: [...JSON_TYPES, ...YAML_TYPES, 'text/plain'].join(', ') })
  }
  try {
    return parseJson(text, url)
  } catch {
    return parseText(text, url, { yaml: '1.1' })
  }
}

async function download (
  url: string, token: string | undefined, dispatcher: Dispatcher | undefined
): Promise<{ type: string, text: string }> {
  try {
    const answer = await request(url, {
      dispatcher, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT, headers: token === undefined ? {} : { authorization: `Bearer ${token}` }
    })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw invalid('InvalidSource', `failed to fetch the experiment: status ${answer.statusCode}`, { found: url })
    return { type: String(answer.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(), text }
  } catch (cause) {
    if (cause instanceof PremortemError) throw cause
    throw invalid('InvalidSource', `failed to fetch the experiment: ${(cause as Error).message}`, { found: url, wanted: 'an experiment to download', cause })
  }
}

function parseJson (text: string, file: string): ParsedText {
  const parsed = parseText(text, file)
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new PremortemError('PMT_ERR_SYNTAX', { message: 'not JSON', file, cause })
  }
  return parsed
}
