import { createHash } from 'node:crypto'
import type { Witness } from './find-witness.ts'
import { type Direction, type Effect, type Guard, type Level, levelOf } from './law.ts'
import type { RuleName } from './rules.ts'

/** What a change means to a caller who was given the old contract. */
export interface Finding {
  /** Name of the tool; `envelope`, `errors`, `board`, `dataface.yml`, `clients` and `surfaces` for what all tools share. */
  readonly tool: string
  /** `input.limit`, `output.rows[]`, `name`, ... */
  readonly field: string
  readonly rule: RuleName
  readonly direction: Direction
  readonly effect: Effect
  /** Follows from effect, direction and guard. */
  readonly level: Level
  readonly message: string
  /** A whole input, a whole `data`, or what else the field names, that one of the two contracts accepts and the other refuses. */
  readonly witness?: Witness
  /** Names this change to the letter, whatever else changes beside it: one more on the same field is another. */
  readonly fingerprint: string
}

/** A finding that is not judged yet. */
export interface NewFinding extends Omit<Finding, 'level' | 'fingerprint'> {
  readonly guard?: Guard
  /** The new text, where that is what changed: another text is another change. */
  readonly text?: string
}

export interface Options {
  /** The day of the judgement, `2026-01-31`, by which sunsets have passed or not. */
  readonly today: string
}

/** Judges a change. */
export const findingOf = ({ guard, text = '', ...change }: NewFinding): Finding => {
  const { rule, tool, field, effect, direction } = change
  const { message } = change
  return { ...change, level: levelOf(direction, effect, guard), fingerprint: digest([rule, tool, field, effect, message, text].join('\n')) }
}

/** Twelve characters that stand for a text. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
