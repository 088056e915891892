import type { Contract, Transform } from '../contracts/define-contract.ts'
import { anthropicFindings, emitAnthropic } from './emitters/anthropic.ts'
import { emitBoards } from './emitters/boards.ts'
import { emitDocs, emitToolPages } from './emitters/docs.ts'
import { emitGemini, geminiFindings } from './emitters/gemini.ts'
import { emitHandlers } from './emitters/handlers.ts'
import { emitHostTools } from './emitters/host-tools.ts'
import { emitMcp, emitMcpLists } from './emitters/mcp.ts'
import { emitOpenai, openaiFindings } from './emitters/openai.ts'
import { emitOpenapi } from './emitters/openapi.ts'
import { emitProjectSchema } from './emitters/project-schema.ts'
import { emitPython } from './emitters/python.ts'
import { emitTrpc } from './emitters/trpc.ts'
import { emitTypescript } from './emitters/typescript.ts'
import { typescriptFindings } from './emitters/typescript-client.ts'
import { emitVscode, vscodeFindings } from './emitters/vscode.ts'
import type { GeneratedFile } from './generated-file.ts'
import { ContractFindings, examineContracts, type Model, modelAt, versionsOf } from './model.ts'

/** Folders that hold generated files and nothing else. */
export const generatedFolders = ['server/generated', 'clients', 'docs/tools', 'docs/errors', 'docs/board-language'] as const

/** Modules of the clients that are the same whatever the contracts are: file name to text. */
export interface Runtime {
  readonly python: Readonly<Record<string, string>>
  /** Compiled: JavaScript and declarations. */
  readonly typescript: Readonly<Record<string, string>>
}

/** What a surface cannot take of a model, each by its own rules. */
const surfaceFindings = [openaiFindings, anthropicFindings, geminiFindings, vscodeFindings, typescriptFindings]

/** Everything that the contracts imply, as files; pure. Throws `ContractFindings`. */
export const generateFiles = (
  contracts: readonly Contract[],
  version: string,
  runtime: Runtime,
  transforms: readonly Transform[] = [],
): { model: Model; files: GeneratedFile[] } => {
  const { model, findings } = examineContracts(contracts, transforms)
  const all = [...findings, ...surfaceFindings.flatMap((findingsOf) => findingsOf(model))]
  if (all.length > 0) throw new ContractFindings(all)
  return {
    model,
    files: [
      emitHandlers(model),
      ...atEachVersion(model, emitMcp),
      emitMcpLists(model),
      emitHostTools(model),
      ...[emitOpenai, emitAnthropic, emitGemini, emitVscode].flatMap((emit) => atEachVersion(model, emit)),
      ...emitOpenapi(model, version),
      ...emitTrpc(model, version),
      ...emitTypescript(model, version, runtime.typescript),
      ...emitPython(model, version, runtime.python),
      ...emitDocs(model),
      emitToolPages(model),
      ...emitProjectSchema(model),
      ...emitBoards(model),
    ],
  }
}

/** The files of a surface for the newest contracts, and for each version that is served beside them in a folder of its name. */
const atEachVersion = (model: Model, emit: (model: Model) => readonly GeneratedFile[]): GeneratedFile[] => [
  ...emit(model),
  ...versionsOf(model)
    .slice(0, -1)
    .flatMap((version) =>
      emit(modelAt(model, version))
        .filter(({ path }) => !path.endsWith('.md'))
        .map(({ path, content }) => ({ path: path.replace(/[^/]+$/, `v${version}/$&`), content })),
    ),
]
