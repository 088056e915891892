import type { Contract } from '../contracts/define-contract.ts'
import { emitBoards } from './emitters/boards.ts'
import { emitDocs, emitToolPages } from './emitters/docs.ts'
import { emitHandlers } from './emitters/handlers.ts'
import { emitHostTools } from './emitters/host-tools.ts'
import { emitMcp } from './emitters/mcp.ts'
import { emitOpenai, openaiFindings } from './emitters/openai.ts'
import { emitOpenapi } from './emitters/openapi.ts'
import { emitProjectSchema } from './emitters/project-schema.ts'
import { emitPython } from './emitters/python.ts'
import { emitTrpc } from './emitters/trpc.ts'
import type { GeneratedFile } from './generated-file.ts'
import { ContractFindings, examineContracts, type Model } from './model.ts'

/** Folders that hold generated files and nothing else. */
export const generatedFolders = ['server/generated', 'clients', 'docs/tools', 'docs/errors', 'docs/board-language'] as const

/** Modules of the clients that are the same whatever the contracts are: file name to text. */
export interface Runtime {
  readonly python: Readonly<Record<string, string>>
}

/** Everything that the contracts imply, as files; pure. Throws `ContractFindings`. */
export const generateFiles = (
  contracts: readonly Contract[],
  version: string,
  runtime: Runtime,
): { model: Model; files: GeneratedFile[] } => {
  const { model, findings } = examineContracts(contracts)
  const all = [...findings, ...openaiFindings(model)]
  if (all.length > 0) throw new ContractFindings(all)
  return {
    model,
    files: [
      emitHandlers(model.tools),
      ...emitMcp(model),
      emitHostTools(model),
      ...emitOpenai(model),
      ...emitOpenapi(model, version),
      ...emitTrpc(model, version),
      ...emitPython(model, version, runtime.python),
      ...emitDocs(model),
      emitToolPages(model),
      ...emitProjectSchema(model),
      ...emitBoards(model),
    ],
  }
}
