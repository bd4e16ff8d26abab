import { readFile, readdir } from 'node:fs/promises'
import { posix } from 'node:path'
import ts from 'typescript'

/** The rooms of src/. A file may import its own room, and rooms on a lower line; rooms on one line never meet. */
export const LINES: readonly (readonly string[])[] = [
  ['main'],
  ['cli', 'index'],
  ['demo', 'library'],
  ['premortem'],
  ['api'],
  ['adapters'],
  ['report', 'config'],
  ['proxy', 'experiment'],
  ['faults', 'measure'],
  ['kernel']
]

/** Files by their path below src/, slashes forward. */
export type Sources = ReadonlyMap<string, string>

/** Every .ts file below a folder. */
export async function readSources (folder: URL): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  const files = names.filter((name) => name.endsWith('.ts')).sort()
  return new Map(await Promise.all(files.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const)))
}

/** One rule: what each offending file does, as `file: what`; empty if the sources keep to it. */
export type Rule = (sources: Sources) => string[]

const roomOf = (file: string): string => file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '')
const lineOf = (room: string): number => LINES.findIndex((rooms) => rooms.includes(room))

const parse = (file: string, text: string): ts.SourceFile => ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)

function visit (node: ts.Node, look: (node: ts.Node) => void): void {
  look(node)
  ts.forEachChild(node, (child) => visit(child, look))
}

/** What a file imports or re-exports, types included, in any of the ways there are. */
export function importsOf (file: string, text: string): string[] {
  const found: string[] = []
  visit(parse(file, text), (node) => {
    let from: ts.Node | undefined
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) from = node.moduleSpecifier
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) from = node.argument.literal
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) from = node.arguments[0]
    if (from !== undefined && ts.isStringLiteralLike(from)) found.push(from.text)
  })
  return found
}

/** The imports of a file that lead to other files, as paths below src/ (`../` leads out of it). */
const localImports = (file: string, text: string): string[] =>
  importsOf(file, text).filter((from) => from.startsWith('.')).map((from) => posix.join(posix.dirname(file), from))

/** Looks at each file on its own. */
const each = (look: (file: string, text: string) => string[]): Rule =>
  (sources) => [...sources].flatMap(([file, text]) => look(file, text).map((what) => `${file}: ${what}`))

const within = (file: string, ...rooms: string[]): boolean => rooms.includes(roomOf(file))

/** Packages, by the rooms that may import them; a name with a slash at its end stands for all below it. */
const onlyIn = (packages: readonly string[], ...rooms: string[]): Rule => each((file, text) => within(file, ...rooms)
  ? []
  : importsOf(file, text).filter((from) => packages.some((name) => from === name || (name.endsWith('/') && from.startsWith(name)))))

/** Names such as `setTimeout`, `Date.now`, `new Date()` that code uses, whatever comments and texts say. */
function usesOf (file: string, text: string): string[] {
  const found: string[] = []
  visit(parse(file, text), (node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      found.push(node.expression.text === 'globalThis' ? node.name.text : `${node.expression.text}.${node.name.text}`)
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'Date') {
      if ((node.arguments?.length ?? 0) === 0 || ts.isCallExpression(node)) found.push('new Date()')
    } else if (ts.isIdentifier(node) && !isMerelyAName(node)) {
      found.push(node.text)
    }
  })
  return found
}

/** Whether an identifier names a member, and not something in scope. */
function isMerelyAName (node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return true
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)
}

const notUsed = (names: readonly string[], ...rooms: string[]): Rule => each((file, text) =>
  within(file, ...rooms) ? [] : [...new Set(usesOf(file, text))].filter((name) => names.includes(name)))

const SOCKETS = /^(node:)?(net|tls|http|https|http2|dgram)$/

// What these modules also hold, and what opens nothing.
const NO_SOCKET = new Set(['isIP', 'BlockList', 'STATUS_CODES'])

/** The modules of sockets that a file imports, types and words aside: fastify's requests are node:http's, for one. */
function socketImports (file: string, text: string): string[] {
  const imports = parse(file, text).statements.filter((node) => ts.isImportDeclaration(node))
  const harmless = imports.filter(({ importClause: clause }) => {
    if (clause === undefined || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return clause !== undefined
    const { name, namedBindings: names } = clause
    return name === undefined && names !== undefined && ts.isNamedImports(names) &&
      names.elements.every((element) => element.isTypeOnly || NO_SOCKET.has((element.propertyName ?? element.name).text))
  }).map((node) => (node.moduleSpecifier as ts.StringLiteral).text)
  const found = importsOf(file, text).filter((from) => SOCKETS.test(from))
  // Each harmless import answers for one of those found.
  for (const from of harmless) if (found.includes(from)) found.splice(found.indexOf(from), 1)
  return found
}

const exportsOf = (file: string, text: string): ts.ExportDeclaration[] =>
  parse(file, text).statements.filter((node) => ts.isExportDeclaration(node))

function cycles (sources: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const begun = path.indexOf(file)
    if (begun !== -1) found.push([...path.slice(begun), file].join(' > '))
    if (begun !== -1 || done.has(file)) return
    for (const next of localImports(file, sources.get(file) ?? '')) walk(next, [...path, file])
    done.add(file)
  }
  for (const file of sources.keys()) walk(file, [])
  return found
}

/** The rules of the house by what they say. */
export const RULES: Readonly<Record<string, Rule>> = {
  'imports only from a lower line, or from the same room': each((file, text) => localImports(file, text).filter((to) => {
    if (to === '../package.json') return false
    const [from, target] = [roomOf(file), roomOf(to)]
    return to.startsWith('..') || lineOf(from) === -1 || (from !== target && lineOf(target) <= lineOf(from))
  })),
  'no cycles between files': cycles,
  'no export *': each((file, text) => exportsOf(file, text)
    .filter(({ exportClause }) => exportClause === undefined || ts.isNamespaceExport(exportClause))
    .map((node) => node.getText())),
  're-exports only in index.ts': each((file, text) => file === 'index.ts' ? [] : exportsOf(file, text).map((node) => node.getText())),
  'sockets only in proxy, and node:http and https in demo': each((file, text) => within(file, 'proxy')
    ? []
    : socketImports(file, text).filter((from) => !(within(file, 'demo') && /https?$/.test(from)))),
  'fastify only in api': onlyIn(['fastify', '@fastify/'], 'api'),
  'yargs only in cli': onlyIn(['yargs', 'yargs/'], 'cli'),
  'timers, wall clock and chance only in kernel': (sources) => [
    ...notUsed(['setTimeout', 'setInterval', 'setImmediate', 'AbortSignal.timeout', 'Date.now', 'new Date()', 'performance',
      'performance.now', 'process.hrtime', 'Math.random'], 'kernel')(sources),
    ...onlyIn(['node:timers', 'node:timers/', 'node:perf_hooks', 'timers', 'timers/', 'perf_hooks'], 'kernel')(sources)
  ],
  'process.exit only in main.ts': notUsed(['process.exit'], 'main'),
  'no file over 400 lines': each((_, text) => {
    const lines = text.trimEnd().split('\n').length
    return lines > 400 ? [`${lines} lines`] : []
  })
}

/** Whether a file holds nothing that runs. */
export const isTypesOnly = (file: string, text: string): boolean => parse(file, text).statements.every((node) =>
  ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
  (ts.isExportDeclaration(node) && node.isTypeOnly))

/** The sources without a test of the same relative name. main.ts and index.ts have theirs elsewhere. */
export function untested (sources: Sources, tests: ReadonlySet<string>): string[] {
  return [...sources].filter(([file, text]) => !['main.ts', 'index.ts'].includes(file) && roomOf(file) !== 'dashboard' &&
    !isTypesOnly(file, text) && !tests.has(file.replace(/\.ts$/, '.test.ts'))).map(([file]) => file)
}
