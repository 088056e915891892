import type { ProjectConfig } from '../../contracts/v1/project.ts'
import type { Log } from '../operations/log.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import type { Environment } from '../projects/read-project.ts'
import { openState } from '../state/open-state.ts'
import { stateVariable } from '../state/shared-state.ts'
import { type Check, describeDiagnostic, describeFailure } from './examine-project.ts'
import { reached } from './verify-audit.ts'

/** Reaches the authorization server, whose keys tell good tokens; nothing is to be said where no tokens are taken. */
export const examineTokens = async ({ access }: ProjectConfig): Promise<readonly Check[]> => {
  if (access?.oauth === undefined) return []
  const subject = 'authorization server'
  const { OAuthTokens } = await import('../access/oauth.ts')
  const tokens = new OAuthTokens(access.oauth)
  await tokens.look()
  return tokens.failure === undefined
    ? [{ state: 'ok', subject, message: `tells its keys: ${access.oauth.issuer}` }]
    : [{ state: 'problem', subject, ...describeFailure(tokens.failure) }]
}

/** Looks whether a record could be added to the database of the audit; nothing is to be said where records go to a file, or nowhere. */
export const examineAudit = async ({ name, audit }: ProjectConfig): Promise<readonly Check[]> => {
  if (audit?.url === undefined) return []
  const subject = 'audit'
  try {
    const { proveHead } = await import('../audit/read-table.ts')
    const { seq } = await reached(proveHead({ url: audit.url, project: name }))
    return [{ state: 'ok', subject, message: `records are kept in Postgres, ${seq} until now; dft audit verify reads them all` }]
  } catch (error) {
    return error instanceof ProjectError
      ? error.diagnostics.map(describeDiagnostic)
      : [{ state: 'problem', subject, ...describeFailure(error) }]
  }
}

/** Reaches the store that replicas share; nothing is to be said where none is named. */
export const examineState = async (env: Environment, log: Log): Promise<readonly Check[]> => {
  const url = env[stateVariable]
  if (url === undefined || url === '') return []
  const subject = 'shared state'
  try {
    const state = openState({ url, log })
    try {
      return [{ state: 'ok', subject, message: `is in ${await state.examine()}` }]
    } finally {
      await state.close()
    }
  } catch (error) {
    return error instanceof ProjectError
      ? error.diagnostics.map(describeDiagnostic)
      : [{ state: 'problem', subject, ...describeFailure(error) }]
  }
}
