import { readFileSync } from 'node:fs'
import { PremortemError } from '../kernel/errors.ts'
import { parseText, readTextFile } from '../kernel/text.ts'
import { parseAddress } from '../proxy/spec.ts'
import { checkSchedule } from './schedule.ts'
import { checkAddresses, decodeConfig } from './schema.ts'
import type { Config } from './schema.ts'
import { expandConfig } from './value-files.ts'

/**
 * The configuration in a YAML or JSON file; files that its faults name are relative to it. Throws PMT_ERR_FILE_NOT_FOUND,
 * PMT_ERR_FILE_UNREADABLE, PMT_ERR_SYNTAX, PMT_ERR_INVALID and the errors of proxies and faults, each with file, line,
 * column and path.
 */
export async function loadConfig (file: string): Promise<Config> {
  const text = parseText(await readTextFile(file), file)
  const value = await expandConfig(text.value, file)
  const config = text.locate(() => decodeConfig(value, readToken, file))
  await checkSchedule(config.schedule, text.locate)
  return config
}

/** The token in a file, without white space around it. Throws PMT_ERR_INVALID if there is none, naming `path`. */
export function readToken (file: string, path?: string): string {
  const wanted = 'a file that holds one token and nothing else'
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new PremortemError('PMT_ERR_INVALID', {
      message: 'the token file cannot be read', path, found: `${file} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, wanted, cause: error
    })
  }
  const token = text.trim()
  if (token === '') throw new PremortemError('PMT_ERR_INVALID', { message: 'the token file is empty', path, found: file, wanted })
  if (/\s/.test(token)) throw new PremortemError('PMT_ERR_INVALID', { message: 'the token file holds more than one word', path, found: file, wanted })
  return token
}

/** What a command line may say instead of a configuration's `control`. */
export interface ControlOverride { listen?: string | undefined, tokenFile?: string | undefined }

/** The configuration with another control address or token. Throws PMT_ERR_INVALID, naming the flag. */
export function overrideControl (config: Config, { listen, tokenFile }: ControlOverride): Config {
  const control = {
    ...config.control,
    ...(listen === undefined ? {} : parseAddress(listen, '--listen', 0)),
    tokens: tokenFile === undefined ? config.control.tokens : { ...config.control.tokens, operator: readToken(tokenFile, '--token-file') }
  }
  const proxies = [...config.proxies, ...config.toxiproxy.map(({ settings }) => settings)]
  checkAddresses(control, proxies, { controlPath: listen === undefined ? undefined : '--listen' })
  return { ...config, control }
}
