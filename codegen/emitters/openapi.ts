import { type HeaderObject, OpenApiBuilder, type ResponseObject, type SchemaObject } from 'openapi3-ts/oas31'
import { type ErrorCode, errorDefinitions } from '../../contracts/v1/errors.ts'
import { type GeneratedFile, jsonFile, originComment, pascalCase } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model, ToolModel } from '../model.ts'
import { codeSamples } from './code-samples.ts'

const asSchema = (schema: JsonSchema): SchemaObject => schema as SchemaObject
const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` })

const exampleMeta = (tool: ToolModel) => ({
  request_id: '6f1c2a04-7f0e-4f6a-9d53-0c3b1a9e8d42',
  contract: `${tool.name}@${tool.version}`,
  project: 'demo',
  timing_ms: 1.5,
})

/** An answer with this error, as a reader of the document sees it. */
const exampleFailure = (tool: ToolModel, code: ErrorCode) => ({
  success: false,
  errors: [
    {
      code,
      message: errorDefinitions[code].summary,
      hint: errorDefinitions[code].remedy,
      retryable: errorDefinitions[code].retryable,
      ...(code === 'RATE_LIMITED' && { retry_after_ms: 1000 }),
    },
  ],
  warnings: [],
  meta: exampleMeta(tool),
})

/** What tells a program that a version will go: RFC 9745 and RFC 8594. */
const deprecationHeaders = ({ deprecated }: ToolModel): Record<string, HeaderObject> => {
  const header = (description: string): HeaderObject => ({ description, schema: { type: 'string' } })
  return deprecated === undefined
    ? {}
    : {
        Deprecation: header('Since when this version is deprecated, as `@` and seconds since 1970.'),
        ...(deprecated.sunset !== undefined && { Sunset: header('When it stops answering.') }),
        Link: header('The version to call instead.'),
      }
}

/** The media types that an Accept header may ask for in place of JSON. */
const streamContent = (name: string) => ({
  'application/x-ndjson': {
    schema: {
      type: 'string' as const,
      description: `One JSON value a line: an object with \`columns\`, an array for each row, and last the \`${name}Success\` without rows, or a \`Failure\`. A body without such a last line was broken off.`,
    },
  },
  'application/vnd.apache.arrow.stream': {
    schema: {
      type: 'string' as const,
      format: 'binary',
      description: `An Arrow IPC stream. Its last record batch has no rows, and in its metadata, under \`dataface\`, the \`${name}Success\` without rows, or a \`Failure\`, after which the connection is broken off.`,
    },
  },
})

/** Statuses of VALIDATION_ERROR that tell what HTTP says of a request before its input is read. */
const unreadRequests: Readonly<Record<number, string>> = {
  405: 'The request is no POST.',
  413: 'The body is larger than 4 MiB.',
  415: 'The body is not marked as JSON.',
}

/** One response per HTTP status, with an example for each code behind it. */
const failureResponses = (tool: ToolModel): Record<string, ResponseObject> => {
  const byStatus: Map<number, ErrorCode[]> = Map.groupBy(tool.errors, (code) => errorDefinitions[code].httpStatus)
  for (const status of Object.keys(unreadRequests).map(Number)) byStatus.set(status, ['VALIDATION_ERROR', ...(byStatus.get(status) ?? [])])
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [
        String(status),
        {
          description: codes
            .map((code) => `\`${code}\`: ${(code === 'VALIDATION_ERROR' && unreadRequests[status]) || errorDefinitions[code].summary}`)
            .join('\n\n'),
          content: {
            'application/json': {
              schema: ref('Failure'),
              examples: Object.fromEntries(
                codes.map((code) => [code, { summary: errorDefinitions[code].summary, value: exampleFailure(tool, code) }]),
              ),
            },
          },
        },
      ]),
  )
}

/** What the names of its components begin with. */
export const componentOf = ({ name, major }: Pick<ToolModel, 'name' | 'major'>): string =>
  `${pascalCase(name)}${major === 1 ? '' : `V${major}`}`

const addTool = (document: OpenApiBuilder, tool: ToolModel, model: Model): void => {
  const name = componentOf(tool)
  document.addSchema(`${name}Output`, asSchema(tool.output))
  document.addSchema(`${name}Success`, {
    type: 'object',
    properties: {
      success: { type: 'boolean', const: true },
      data: ref(`${name}Output`),
      warnings: { type: 'array', items: ref('Warning') },
      meta: ref('Meta'),
    },
    required: ['success', 'data', 'warnings', 'meta'],
  })
  const examples = Object.entries(tool.examples)
  // Generators of clients take a default for a key that is there, but for what stands within the body of a request.
  document.addRequestBody(`${name}Input`, {
    required: Object.keys(tool.input.required ?? {}).length > 0,
    content: {
      'application/json': {
        schema: asSchema(tool.input),
        ...(examples.length > 0 && {
          examples: Object.fromEntries(
            examples.map(([index, { title, input }]) => [`example${Number(index) + 1}`, { summary: title, value: input }]),
          ),
        }),
      },
    },
  })
  document.addPath(tool.path, {
    post: {
      operationId: tool.operationId,
      summary: tool.title,
      description: tool.description,
      ...(tool.deprecated !== undefined && { deprecated: true, 'x-sunset': tool.deprecated.sunset }),
      tags: ['Tools'],
      requestBody: { $ref: `#/components/requestBodies/${name}Input` },
      responses: {
        200: {
          description: 'The call worked.',
          headers: { 'X-Request-Id': { description: 'As meta.request_id.', schema: { type: 'string' } }, ...deprecationHeaders(tool) },
          content: {
            'application/json': {
              schema: ref(`${name}Success`),
              ...(examples.length > 0 && {
                examples: Object.fromEntries(
                  examples.map(([index, { title, output }]) => [
                    `example${Number(index) + 1}`,
                    { summary: title, value: { success: true, data: output, warnings: [], meta: exampleMeta(tool) } },
                  ]),
                ),
              }),
            },
            ...(tool.streams && streamContent(name)),
          },
        },
        ...failureResponses(tool),
      },
      'x-codeSamples': codeSamples(tool, model),
    },
  })
}

/** The OpenAPI 3.1 document of the REST door. */
export const openapiDocument = (model: Model, version: string): Record<string, unknown> => {
  const document = OpenApiBuilder.create({
    openapi: '3.1.1',
    info: {
      title: 'Dataface',
      version,
      description: 'Safe, typed, read-only access to databases. Every operation answers with one envelope, told apart by `success`.',
      contact: { name: 'The operator of this server' },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      'x-origin': originComment,
    },
    servers: [{ url: '/', description: 'This server.' }],
    // A project that does not say who may call asks for none.
    security: [{}, { bearer: [] }],
    tags: [
      { name: 'Health', description: 'For load balancers and supervisors.' },
      { name: 'Tools', description: 'The data tools.' },
    ],
    paths: {},
  })
  document.addSecurityScheme('bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key that `dft keys create` made, or a token of the authorization server of the project.',
  })
  document.addSchema('Warning', asSchema(model.envelope.warning))
  document.addSchema('Meta', asSchema(model.envelope.meta))
  document.addSchema('ErrorItem', asSchema(model.envelope.errorItem))
  document.addSchema('Failure', {
    type: 'object',
    description: 'The answer of a call that did not work. The first error decides the status.',
    properties: {
      success: { type: 'boolean', const: false },
      errors: { type: 'array', items: ref('ErrorItem'), minItems: 1 },
      warnings: { type: 'array', items: ref('Warning') },
      meta: ref('Meta'),
    },
    required: ['success', 'errors', 'warnings', 'meta'],
  })
  for (const tool of model.tools.flatMap((one) => [one, ...model.earlier.filter(({ name }) => name === one.name)]))
    addTool(document, tool, model)
  for (const [path, operationId, summary, refusal] of [
    ['/healthz', 'health', 'Whether the process is alive', undefined],
    ['/readyz', 'readiness', 'Whether calls are taken', 'The server is starting or stopping.'],
  ] as const) {
    const body = {
      'application/json': { schema: { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] } as SchemaObject },
    }
    document.addPath(path, {
      get: {
        operationId,
        summary,
        description: `${summary}.`,
        tags: ['Health'],
        security: [],
        responses: {
          200: { description: 'Yes.', content: body },
          403: { description: 'Another host or page asks.', content: { 'application/json': { schema: ref('Failure') } } },
          ...(refusal !== undefined && { 503: { description: refusal, content: body } }),
        },
      },
    })
  }
  return document.getSpec() as unknown as Record<string, unknown>
}

export const emitOpenapi = (model: Model, version: string): GeneratedFile[] => {
  const document = openapiDocument(model, version)
  return [jsonFile('server/generated/openapi.json', document), jsonFile('clients/openapi/openapi.json', document)]
}
