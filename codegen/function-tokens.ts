import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { anthropicTools } from './emitters/anthropic.ts'
import { geminiFunctions } from './emitters/gemini.ts'
import { mcpTools } from './emitters/mcp.ts'
import { chatCompletionsTools, responsesTools } from './emitters/openai.ts'
import { languageModelTools } from './emitters/vscode.ts'
import type { Model } from './model.ts'

/** What each tool costs a model as a function definition, in tokens of o200k, by name. */
export const functionTokens = ({ tools }: Model): Record<string, number> =>
  Object.fromEntries(
    tools.map(({ name, description, input }) => [name, countTokens(JSON.stringify({ name, description, parameters: input }))]),
  )

/** A list of function definitions may cost this much for each of its tools, on average. */
export const tokenBudget = 200

/** Each list of definitions as a model reads it, by dialect. Of a tool in VS Code the model gets these three parts. */
export const functionLists = (model: Model): Record<string, readonly object[]> => ({
  mcp: mcpTools(model).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
  'openai responses': responsesTools(model),
  'openai chat completions': chatCompletionsTools(model),
  anthropic: anthropicTools(model),
  gemini: geminiFunctions(model),
  vscode: languageModelTools(model).map(({ name, modelDescription, inputSchema }) => ({ name, modelDescription, inputSchema })),
})

export interface ListCost {
  readonly dialect: string
  /** Tokens of the whole list. */
  readonly tokens: number
  /** Of each tool, on average. */
  readonly mean: number
}

/** What each dialect's list of definitions costs a model, in tokens of o200k. */
export const listCosts = (model: Model): ListCost[] =>
  Object.entries(functionLists(model)).map(([dialect, definitions]) => {
    const tokens = definitions.reduce((sum, definition) => sum + countTokens(JSON.stringify(definition)), 0)
    return { dialect, tokens, mean: definitions.length === 0 ? 0 : tokens / definitions.length }
  })
