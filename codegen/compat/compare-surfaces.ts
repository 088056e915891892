import type { NewFinding } from './finding.ts'
import type { ReleasedModel } from './released-model.ts'

/** A definition may grow by this much, of its tokens, before it is told. */
const growthAllowed = 0.05

/** Losses, size and text of what is written for each surface; text alone counts when nothing else explains it. */
export const compareSurfaces = (before: ReleasedModel, after: ReleasedModel, isExplained: boolean): NewFinding[] => {
  const keyOf = ({ surface, tool, what }: ReleasedModel['losses'][number]): string => `${surface} ${tool} ${what}`
  const [old, now] = [new Set(before.losses.map(keyOf)), new Set(after.losses.map(keyOf))]
  // A surface or a tool that is new has nothing to lose yet.
  const isKnown = ({ surface, tool }: ReleasedModel['losses'][number]): boolean =>
    before.surfaces[surface] !== undefined && before.tools.some(({ name }) => name === tool)
  const loss = ({ surface, tool, what }: ReleasedModel['losses'][number], isNew: boolean): NewFinding => ({
    ...{
      tool,
      field: `${surface} ${what}`,
      direction: 'output',
      rule: isNew ? 'loss-added' : 'loss-removed',
      effect: isNew ? 'incomparable' : 'narrow',
    },
    message: isNew ? `${surface} cannot say it any more` : `${surface} says it now`,
    ...(isNew && { witness: { value: `${surface} ${tool} ${what}`, acceptedBy: 'after' } }),
  })
  const losses = [
    ...after.losses.filter((one) => isKnown(one) && !old.has(keyOf(one))).map((one) => loss(one, true)),
    ...before.losses.filter((one) => !now.has(keyOf(one))).map((one) => loss(one, false)),
  ]
  const grown = Object.entries(after.tokens).flatMap(([tool, tokens]): NewFinding[] => {
    const was = before.tokens[tool]
    if (was === undefined || tokens <= was * (1 + growthAllowed)) return []
    return [
      {
        tool,
        field: 'tokens',
        direction: 'input',
        rule: 'tokens-grown',
        effect: 'text',
        message: `costs ${tokens} tokens, and did ${was}`,
      },
    ]
  })
  const found = [...losses, ...grown]
  if (isExplained || found.length > 0) return found
  return Object.entries(after.surfaces)
    .filter(([surface, text]) => before.surfaces[surface] !== undefined && before.surfaces[surface] !== text)
    .map(([surface]) => ({
      ...{ tool: 'surfaces', field: surface, direction: 'output', rule: 'emitter-drift', effect: 'equal' },
      message: `is written otherwise by ${after.release} with ${after.converter} than by ${before.release} with ${before.converter}`,
    }))
}

/** The names that generated clients export, and what they need. */
export const compareClients = (before: ReleasedModel['clients'], after: ReleasedModel['clients']): NewFinding[] =>
  Object.entries(before).flatMap(([client, old]): NewFinding[] => {
    const now = after[client] ?? { names: [], needs: {} }
    const change = (
      field: string,
      rule: NewFinding['rule'],
      effect: NewFinding['effect'],
      message: string,
      value: unknown,
    ): NewFinding => ({
      ...{
        tool: `clients/${client}`,
        field,
        direction: 'input',
        rule,
        effect,
        message,
        witness: { value, acceptedBy: effect === 'widen' ? 'after' : 'before' },
      },
    })
    return [
      ...old.names
        .filter((name) => !now.names.includes(name))
        .map((name) => change(name, 'client-name-removed', 'narrow', 'is gone, or takes other arguments', name)),
      ...now.names.filter((name) => !old.names.includes(name)).map((name) => change(name, 'client-name-added', 'widen', 'is new', name)),
      ...[...new Set([...Object.keys(old.needs), ...Object.keys(now.needs)])]
        .filter((need) => old.needs[need] !== now.needs[need])
        .map((need) => {
          const effect = old.needs[need] === undefined ? 'narrow' : now.needs[need] === undefined ? 'widen' : 'incomparable'
          return change(
            need,
            'client-needs-changed',
            effect,
            `was ${old.needs[need] ?? 'not needed'} and is ${now.needs[need] ?? 'not needed'}`,
            { [need]: old.needs[need] ?? 'none' },
          )
        }),
    ]
  })
