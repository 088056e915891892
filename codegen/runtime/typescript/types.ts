/** Stands in for the generated types of the client, of which it takes these from the contracts. */
export type { Meta, Warning } from '../../../contracts/v1/envelope.ts'
export type { ErrorCode, ErrorItem } from '../../../contracts/v1/errors.ts'
