import * as z from 'zod'
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
      const unseen = encoded
        .split(' ')
        .filter(Boolean)
        .map((key) => [key, z.unknown()] as const)
      check = contract.output.extend(Object.fromEntries(unseen)).strict()
      checks.set(encoded, check)
    }
    const parsed = check.safeParse(data)
    return parsed.success
      ? undefined
      : parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || '(root)'}: ${issue.message}`).join('; ')
  }
}
