import { errorDefinitions } from '../../../contracts/v1/errors.ts'
import type { Envelope } from '../../envelope/envelope.ts'

/** The HTTP status of an answer: 200, or that of its first error. */
export const statusOf = (envelope: Envelope): number => (envelope.success ? 200 : errorDefinitions[envelope.errors[0].code].httpStatus)
