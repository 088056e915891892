import { projectSchema } from '../../contracts/v1/project.ts'
import { type GeneratedFile, jsonFile, originComment } from '../generated-file.ts'
import { toJsonSchema } from '../json-schema.ts'

/** The JSON Schema of dataface.yml for editors; env_var templates are allowed wherever a string is. */
export const emitProjectSchema = (): GeneratedFile[] => [
  jsonFile('clients/editor/dataface.schema.json', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: originComment,
    title: 'Dataface project',
    ...toJsonSchema(projectSchema, 'input').schema,
  }),
]
