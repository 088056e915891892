import ts from 'typescript-5'

/** How the modules of a client are compiled: for any program of today, with their comments. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  declaration: true,
  stripInternal: true,
}

/**
 * Modules in TypeScript as JavaScript and declarations: file name to text. `types.ts` stands in for a file that is
 * generated, and is left out. Throws where a declaration would need more than its own module to be known.
 */
export const compileRuntime = (modules: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(modules)
      .filter(([name]) => name !== 'types.ts')
      .flatMap(([name, text]) => {
        const declared = ts.transpileDeclaration(text, { fileName: name, compilerOptions, reportDiagnostics: true })
        const [diagnostic] = declared.diagnostics ?? []
        if (diagnostic !== undefined) throw new Error(`${name}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`)
        const compiled = ts.transpileModule(text, { fileName: name, compilerOptions })
        const base = name.replace(/\.ts$/, '')
        return [
          [`${base}.js`, withBuiltImports(compiled.outputText)],
          [`${base}.d.ts`, withBuiltImports(declared.outputText)],
        ]
      }),
  )

/** Modules are imported by the name they have once they are compiled. */
const withBuiltImports = (text: string): string => text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'")
