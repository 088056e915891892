import { definitionName, type JsonSchema } from '../json-schema.ts'
import { compareSchemas } from './compare-schemas.ts'
import { compareClients, compareSurfaces } from './compare-surfaces.ts'
import { type Facet, facets } from './facets.ts'
import { type Finding, findingOf, type NewFinding, type Options } from './finding.ts'
import type { Direction } from './law.ts'
import { canonical } from './normal-form.ts'
import type { ReleasedModel, ReleasedTool } from './released-model.ts'

/** Every difference between what was released and what would be, by tool and field. */
export const compareModels = (before: ReleasedModel, after: ReleasedModel, options: Options): Finding[] => {
  const found = [
    ...compareTools(before.tools, after.tools, options),
    ...compareErrors(before.errors, after.errors),
    ...(['meta', 'warning', 'errorItem'] as const).flatMap((part) =>
      compareDirected('envelope', part, 'output', withoutCodes(before.envelope[part]), withoutCodes(after.envelope[part])),
    ),
    ...compareDirected('dataface.yml', '', 'input', before.project, after.project),
    ...compareDirected('board', '', 'input', before.board, after.board),
    ...reusedNames(before, after),
    ...compareClients(before.clients, after.clients),
  ]
  return [...found, ...compareSurfaces(before, after, found.length > 0)].map(findingOf)
}

const compareDirected = (tool: string, prefix: string, direction: Direction, before: JsonSchema, after: JsonSchema): NewFinding[] =>
  compareSchemas(before, after, direction).map((change) => ({
    ...change,
    tool,
    direction,
    field: [prefix, change.field].filter((part) => part !== '').join('.') || '(root)',
  }))

/** The codes of an error have rules of their own: a new one is no break, because a caller must expect it. */
const withoutCodes = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const { enum: _codes, ...open } = property
      return [name, name === 'code' ? open : property]
    }),
  ),
})

const majorOf = ({ version }: ReleasedTool): string => version.split('.')[0] ?? ''

const compareTools = (before: readonly ReleasedTool[], after: readonly ReleasedTool[], { today }: Options): NewFinding[] => {
  const findings: NewFinding[] = []
  const named = (tools: readonly ReleasedTool[], name: string): ReleasedTool | undefined => tools.find((tool) => tool.name === name)
  const same = (tools: readonly ReleasedTool[], { name, ...rest }: ReleasedTool): ReleasedTool | undefined =>
    tools.find((tool) => tool.name === name && majorOf(tool) === majorOf({ name, ...rest }))
  const add = ({ name }: ReleasedTool, change: Pick<NewFinding, 'rule' | 'effect' | 'message' | 'guard'>, direction: Direction = 'input') =>
    findings.push({
      tool: name,
      field: 'name',
      direction,
      ...change,
      ...(change.effect === 'narrow' && { witness: { value: name, acceptedBy: 'before' } }),
    })

  for (const old of before) {
    const now = same(after, old)
    if (now !== undefined) {
      findings.push(...compareTool(old, now))
      continue
    }
    const successor = named(before, old.name) === old ? after.find((tool) => tool.aliases.includes(old.name)) : undefined
    if (successor !== undefined) {
      add(old, {
        rule: 'tool-renamed',
        effect: 'text',
        message: `is now ${successor.name}, and its old name an alias; models choose by names`,
      })
      findings.push(...compareTool(old, { ...successor, http: old.http }))
      continue
    }
    const announced = isAnnounced(old, after, today) ? ({ guard: 'announced' } as const) : {}
    const alike = after.find(
      (tool) => same(before, tool) === undefined && canonical([tool.input, tool.output]) === canonical([old.input, old.output]),
    )
    if (named(after, old.name) !== undefined)
      add(old, { rule: 'revision-removed', effect: 'narrow', message: `version ${majorOf(old)} is no longer served`, ...announced })
    else if (alike !== undefined && named(before, alike.name) === undefined)
      add(old, {
        rule: 'tool-renamed',
        effect: 'narrow',
        message: `is gone, and ${alike.name} is new and like it: give it the alias ${old.name}`,
      })
    else add(old, { rule: 'tool-removed', effect: 'narrow', message: 'was removed', ...announced })
  }
  for (const now of after) {
    if (same(before, now) !== undefined) continue
    if (named(before, now.name) === undefined) add(now, { rule: 'tool-added', effect: 'text', message: 'is new' })
    else add(now, { rule: 'revision-added', effect: 'text', message: `has a version ${majorOf(now)}` })
  }
  return findings
}

/** Whether callers could know: its sunset has passed, and what takes its place is there. */
const isAnnounced = ({ name, deprecated }: ReleasedTool, after: readonly ReleasedTool[], today: string): boolean =>
  deprecated?.sunset !== undefined && deprecated.sunset < today && after.some((tool) => tool.name === (deprecated.replacement ?? name))

const compareTool = (old: ReleasedTool, now: ReleasedTool): NewFinding[] => {
  const findings: NewFinding[] = [
    ...compareDirected(old.name, 'input', 'input', old.input, now.input),
    ...compareDirected(old.name, 'output', 'output', old.output, now.output),
    ...facets.flatMap((facet) => compareFacet(facet, old, now)),
    ...compareDeprecation(old, now),
  ]
  const add = (
    field: string,
    change: Pick<NewFinding, 'rule' | 'effect' | 'message' | 'witness' | 'text'>,
    direction: Direction = 'input',
  ) => findings.push({ tool: old.name, field, direction, ...change })

  for (const alias of old.aliases)
    if (!now.aliases.includes(alias) && now.name !== alias)
      add('aliases', {
        rule: 'alias-removed',
        effect: 'narrow',
        message: `no longer answers to "${alias}"`,
        witness: { value: alias, acceptedBy: 'before' },
      })
  for (const alias of now.aliases)
    if (!old.aliases.includes(alias) && alias !== old.name)
      add('aliases', { rule: 'alias-added', effect: 'widen', message: `also answers to "${alias}"` })
  if (now.executedBy !== old.executedBy)
    add('executedBy', {
      rule: 'executor-changed',
      effect: 'incomparable',
      message: `was executed by the ${old.executedBy ?? 'server'} and is by the ${now.executedBy ?? 'server'}`,
      witness: { value: old.executedBy ?? 'server', acceptedBy: 'before' },
    })

  const isChanged = findings.some(({ effect, rule }) => effect !== 'text' && rule !== 'order-changed')
  const rise = compareVersions(now.version, old.version)
  if (isChanged && rise <= 0)
    add('version', {
      rule: 'version-unchanged',
      effect: 'incomparable',
      message: `the contract changed and its version is still ${now.version}`,
      witness: { value: now.version, acceptedBy: 'before' },
    })
  if (!isChanged && rise < 0)
    add('version', {
      rule: 'version-lowered',
      effect: 'incomparable',
      message: `was ${old.version} and is ${now.version}`,
      witness: { value: now.version, acceptedBy: 'after' },
    })
  if (old.description !== now.description)
    add('description', { rule: 'description-changed', effect: 'text', message: 'changed; models choose by it', text: now.description })
  if (old.title !== now.title)
    add('title', { rule: 'title-of-tool-changed', effect: 'text', message: `was "${old.title}" and is "${now.title}"`, text: now.title })
  return findings
}

/** What a caller of an earlier version of a tool meets in a later one that is served beside it. */
export const compareRevisions = (earlier: ReleasedTool, later: ReleasedTool): Finding[] => compareTool(earlier, later).map(findingOf)

const compareFacet = ({ field, direction, rule, guard, isRead, says }: Facet, old: ReleasedTool, now: ReleasedTool): NewFinding[] =>
  compareSchemas(says(old), says(now), 'set').map((change) => {
    const isSafe = (direction === 'input') === (change.effect === 'widen') && change.effect !== 'incomparable'
    return {
      tool: old.name,
      field: change.field === '' ? field : `${field}.${change.field}`,
      direction,
      rule: typeof rule === 'string' ? rule : rule[change.effect === 'narrow' ? 'narrow' : 'widen'],
      effect: isSafe && isRead === true ? 'text' : change.effect,
      message: change.message,
      ...(change.witness !== undefined && { witness: change.witness }),
      ...(guard !== undefined && { guard }),
    }
  })

/** A sunset is the last day on which a tool answers. It may be announced and put off, but not moved nearer or dropped. */
const compareDeprecation = ({ name, deprecated: old }: ReleasedTool, { deprecated: now }: ReleasedTool): NewFinding[] => {
  const change = (rule: NewFinding['rule'], effect: NewFinding['effect'], message: string, day?: string): NewFinding => ({
    ...{ tool: name, field: 'deprecated', direction: 'input', rule, effect, message },
    ...(day !== undefined && { witness: { value: day, acceptedBy: 'before' } }),
  })
  if (canonical(old) === canonical(now)) return []
  if (old === undefined)
    return [
      now?.sunset === undefined
        ? change('deprecated', 'unknown', 'is deprecated, and until when it is served is not said')
        : change('deprecated', 'text', `is deprecated and served until ${now.sunset}`),
    ]
  if (now === undefined) return [change('deprecated', 'text', 'is no longer deprecated')]
  if (old.sunset === now.sunset) return [change('deprecated', 'text', 'what is said of its deprecation changed')]
  if (old.sunset === undefined) return [change('sunset-changed', 'text', `is served until ${now.sunset}`)]
  if (now.sunset === undefined)
    return [change('sunset-changed', 'incomparable', `was to be served until ${old.sunset}, which is no longer said`, old.sunset)]
  return now.sunset < old.sunset
    ? [change('sunset-changed', 'narrow', `is served until ${now.sunset} only, and ${old.sunset} was promised`, old.sunset)]
    : [change('sunset-changed', 'widen', `is served until ${now.sunset}, longer than promised`)]
}

const compareErrors = (before: ReleasedModel['errors'], after: ReleasedModel['errors']): NewFinding[] => {
  const findings: NewFinding[] = []
  const add = (field: string, change: Pick<NewFinding, 'rule' | 'effect' | 'message' | 'guard' | 'witness'>) =>
    findings.push({ tool: 'errors', field, direction: 'output', ...change })
  for (const [code, old] of Object.entries(before)) {
    const now = after[code]
    if (now === undefined)
      add(code, {
        rule: 'code-removed',
        effect: 'incomparable',
        message: 'was removed or renamed; callers and pages name it',
        witness: { value: code, acceptedBy: 'before' },
      })
    else
      for (const key of ['httpStatus', 'retryable'] as const)
        if (old[key] !== now[key])
          add(`${code}.${key}`, {
            rule: 'code-changed',
            effect: 'incomparable',
            message: `was ${old[key]} and is ${now[key]}`,
            witness: { value: { code, [key]: now[key] }, acceptedBy: 'after' },
          })
  }
  for (const code of Object.keys(after))
    if (!(code in before))
      add(code, { rule: 'code-added', effect: 'widen', guard: 'open', message: 'is new', witness: { value: code, acceptedBy: 'after' } })
  return findings
}

/** Names of the past that mean something again. */
const reusedNames = (before: ReleasedModel, after: ReleasedModel): NewFinding[] =>
  before.removed
    .filter(({ tool, field }) => holdsName(after, tool, field) && !holdsName(before, tool, field))
    .map(({ tool, field }) => ({
      ...{ tool, field: field === '' ? 'name' : field, direction: 'input', rule: 'name-reused', effect: 'incomparable' },
      message: 'was released, removed, and is something new now; old callers would not notice',
      witness: { value: field === '' ? tool : field, acceptedBy: 'after' },
    }))

const holdsName = ({ tools, errors, envelope, project, board }: ReleasedModel, name: string, field: string): boolean => {
  if (name === 'errors') return Object.hasOwn(errors, field)
  const shared: Readonly<Record<string, JsonSchema>> = { envelope: { properties: { ...envelope } }, 'dataface.yml': project, board }
  const tool = tools.find((one) => one.name === name || one.aliases.includes(name))
  if (field === '') return tool !== undefined
  const whole = tool === undefined ? shared[name] : { properties: { input: tool.input, output: tool.output } }
  return whole !== undefined && holdsField(whole, field.match(/\[\d*\]|[^.[\]]+/g) ?? [], whole.$defs ?? {})
}

/** Whether a schema has a field: names of keys, `*` for the values of a map, `[]` and `[0]` for what a list holds. */
const holdsField = (schema: JsonSchema, [step, ...rest]: readonly string[], definitions: Readonly<Record<string, JsonSchema>>): boolean => {
  if (step === undefined) return true
  if (schema.$ref !== undefined) return holdsField(definitions[definitionName(schema.$ref)] ?? {}, [step, ...rest], definitions)
  if (schema.anyOf?.some((arm) => holdsField(arm, [step, ...rest], definitions)) === true) return true
  const place = /^\[(\d*)\]$/.exec(step)?.[1]
  const inner =
    place === undefined
      ? step === '*'
        ? schema.additionalProperties
        : schema.properties?.[step]
      : place === ''
        ? schema.items
        : schema.prefixItems?.[Number(place)]
  return typeof inner === 'object' && holdsField(inner, rest, definitions)
}

/** Below zero when `a` is the older. */
const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0)
  return 0
}
