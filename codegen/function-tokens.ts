import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import type { Model } from './model.ts'

/** What each tool costs a model as a function definition, in tokens of o200k, by name. */
export const functionTokens = ({ tools }: Model): Record<string, number> =>
  Object.fromEntries(
    tools.map(({ name, description, input }) => [name, countTokens(JSON.stringify({ name, description, parameters: input }))]),
  )
