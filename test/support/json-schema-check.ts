import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from '../../codegen/json-schema.ts'

/** A validator of JSON Schema 2020-12 that knows nothing of ours; refuses keywords it does not know. */
export const jsonSchemaCheck = (schema: JsonSchema | Record<string, unknown>): ((value: unknown) => boolean) => {
  const ajv = new Ajv2020.default({ strict: true, allowUnionTypes: true, strictTuples: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(schema)
  return (value) => validate(value) === true
}
