import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { Model } from '../model.ts'

/** The tools that a host with an editor executes itself and offers to its model beside those of the server. */
export const emitHostTools = (model: Model): GeneratedFile =>
  jsonFile('clients/editor/host-tools.json', {
    tools: model.hostTools.map(({ name, version, title, description, input, output, errors, annotations }) => ({
      name,
      version,
      title,
      description,
      inputSchema: input,
      outputSchema: output,
      errors,
      annotations,
    })),
  })
