import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const kept = new URL('../../node_modules/.cache/premortem-strip/', import.meta.url)
mkdirSync(kept, { recursive: true })

const compilerOptions = { target: 'es2023', module: 'esnext', verbatimModuleSyntax: true, inlineSourceMap: true, inlineSources: true }

let files = 0

async function strip (fileName, text) {
  const { default: ts } = await import('typescript')
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText
}

/** A hook of node:module: the JavaScript of a TypeScript module of ours. */
export async function load (url, context, next) {
  if (!url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context)
  const fileName = fileURLToPath(url)
  const text = readFileSync(fileName, 'utf8')
  const file = new URL(`${createHash('sha256').update(`${url}\n${text}`).digest('hex')}.js`, kept)
  try {
    return { format: 'module', source: readFileSync(file, 'utf8'), shortCircuit: true }
  } catch {
    const source = await strip(fileName, text)
    // Whole or not at all: other processes read it too.
    const fresh = new URL(`${process.pid}.${files++}`, kept)
    writeFileSync(fresh, source)
    renameSync(fresh, file)
    return { format: 'module', source, shortCircuit: true }
  }
}
