import { type Effect, levelOf } from './law.ts'
import { type Rule, type RuleName, rules } from './rules.ts'

const effectWords: Readonly<Record<Effect, string>> = {
  equal: 'the same values are accepted',
  widen: 'more values are accepted',
  narrow: 'fewer values are accepted',
  incomparable: 'some values are accepted no more, and others are new',
  unknown: 'what is accepted, or what it means, cannot be compared',
  text: 'the same values are accepted, and what is read about them changed',
}

export const isRuleName = (name: string): name is RuleName => Object.hasOwn(rules, name)

/** What a rule is about, how grave it is and why, and what to do. */
export const explainRule = (name: RuleName): string => {
  const { summary, effects, advice }: Rule = rules[name]
  return [
    `${name}: ${summary}`,
    '',
    ...effects.map(
      (effect) => `  ${effectWords[effect]}: ${levelOf('input', effect)} in an input, ${levelOf('output', effect)} in an output`,
    ),
    '',
    'An input may only accept more, an output may only send less. A break is dangerous only where callers were told: a list',
    'that is declared open, a removal that was announced and is due, a limit that makes an answer smaller.',
    '',
    advice,
    '',
  ].join('\n')
}
