import type * as z from 'zod'
import type { Contract } from '../../contracts/define-contract.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'

/**
 * Makes the output check of a contract: undefined when the data keeps it, else where it does not. Values that are
 * already encoded are right by construction (row-writer.ts) and are not parsed again; everything else is checked.
 */
export const createOutputCheck = (contract: Contract): ((data: Readonly<Record<string, unknown>>) => string | undefined) => {
  const checks = new Map<string, z.ZodType>()

  return (data) => {
    let encoded = ''
    for (const key in data) if (data[key] instanceof EncodedJson) encoded += `${key} `
    let check = checks.get(encoded)
    if (check === undefined) {
      const hidden = Object.fromEntries(
        encoded
          .trim()
          .split(' ')
          .filter(Boolean)
          .map((key) => [key, true as const]),
      )
      check = contract.output.omit(hidden as Record<never, true>).strict()
      checks.set(encoded, check)
    }
    const parsed = check.safeParse(
      encoded === '' ? data : Object.fromEntries(Object.entries(data).filter(([, value]) => !(value instanceof EncodedJson))),
    )
    return parsed.success
      ? undefined
      : parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || '(root)'}: ${issue.message}`).join('; ')
  }
}
