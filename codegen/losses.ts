import type { Loss } from './compat/released-model.ts'
import { type Dialect, unsaidIn } from './dialect.ts'
import { anthropicDialect } from './emitters/anthropic.ts'
import { geminiDialect } from './emitters/gemini.ts'
import { isRecord, openaiDialect } from './emitters/openai.ts'
import { vscodeDialect } from './emitters/vscode.ts'
import { type JsonSchema, joinFields } from './json-schema.ts'
import type { Model } from './model.ts'

export const dialects: readonly Dialect[] = [openaiDialect, anthropicDialect, geminiDialect, vscodeDialect]

/** What each dialect of function schemas cannot say of the tools; where a word can, their descriptions say it. */
export const lossesOf = ({ tools }: Model): Loss[] =>
  dialects.flatMap((dialect) =>
    tools.flatMap(({ name, input }) => [
      ...unsaidIn(input, dialect).map(({ field, keyword }) => ({ surface: dialect.surface, tool: name, what: `${field} ${keyword}` })),
      // Strict mode has lists of entries in place of objects of free keys.
      ...(dialect === openaiDialect ? recordsIn(input, 'input') : []).map((field) => ({
        ...{ surface: dialect.surface, tool: name, what: `${field} additionalProperties` },
      })),
    ]),
  )

const recordsIn = (schema: JsonSchema, field: string): string[] => [
  ...(isRecord(schema) ? [field] : []),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => recordsIn(property, joinFields(field, name))),
  ...(schema.items === undefined ? [] : recordsIn(schema.items, joinFields(field, '[]'))),
  ...(schema.anyOf ?? schema.oneOf ?? []).flatMap((part) => recordsIn(part, field)),
]
