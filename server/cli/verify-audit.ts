import type { ChainPlace } from '../audit/verify-chain.ts'
import { Fault } from '../envelope/fault.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { exitCodes, type Invocation, textOf, UsageError } from './command.ts'

/** Where the records of a project are: in a file, or in a table. */
export type AuditPlace = { readonly file: string } | { readonly url: string; readonly project: string }

/** Reads the chain of a project's records, and prints whether it is whole, or where it is not. */
export const verifyAudit = async (invocation: Invocation, place: AuditPlace): Promise<number> => {
  const { terminal, flags } = invocation
  if (!('url' in place))
    throw new UsageError(
      'The records of this project are in a file, where nothing holds them together.',
      'Give audit.url: see docs/access.md.',
    )
  const noted = placeIn(textOf(invocation, 'head'))
  const { verifyTable } = await import('../audit/read-table.ts')
  const { records, first, head, faults } = await reached(verifyTable(place, noted))
  const isWhole = faults.length === 0
  const headText = `${head.seq}:${head.hash.toString('hex')}`
  if (flags.json === true) {
    terminal.out(`${JSON.stringify({ success: isWhole, project: place.project, records, first, head: headText, faults })}\n`)
  } else {
    for (const { message } of faults) terminal.out(`${terminal.paint('red', '✗')} ${message}\n`)
    if (isWhole) terminal.out(`${terminal.paint('green', '✓')} ${records} records, as they were written. The head is ${headText}\n`)
    if (isWhole)
      terminal.err(
        'Keep the head where nobody who may write to that database can: verify --head HEAD finds a chain that was written anew.\n',
      )
  }
  return isWhole ? exitCodes.ok : exitCodes.failed
}

/** The number and the hash in what `verify` gave. */
const placeIn = (text: string | undefined): ChainPlace | undefined => {
  if (text === undefined) return undefined
  const [, seq, hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined)
    throw new UsageError('--head takes what dft audit verify gave as the head.', 'It is a number, a colon and 64 digits.')
  return { seq: Number(seq), hash: Buffer.from(hash, 'hex') }
}

/** What the database of the audit gives. Throws NOT_READY when it cannot be asked. */
export const reached = async <Result>(reading: Promise<Result>): Promise<Result> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ProjectError) throw error
    const said = error instanceof Error ? error.message : String(error)
    throw new Fault('NOT_READY', `The database of the audit cannot be asked: ${said}`, {
      cause: error,
      hint: 'Check audit.url, and that the database it names runs and can be reached from here.',
    })
  }
}
