import type { ProjectConfig } from '../../contracts/v1/project.ts'
import { operatorTokenVariable } from '../transports/operator/operator-token.ts'
import type { Check } from './examine-project.ts'

/** Whether anyone can open the pages for whoever operates the server: where callers need credentials, a token opens them. */
export const examineOperator = ({ access }: Pick<ProjectConfig, 'access'>, env: Readonly<Record<string, string | undefined>>): Check[] => {
  if (access === undefined || access.local === true) return []
  const subject = `variable ${operatorTokenVariable}`
  return env[operatorTokenVariable]
    ? [{ state: 'ok', subject, message: 'is set' }]
    : [
        {
          state: 'warning',
          subject,
          message: 'is not set, so nobody can open /metrics and /status of dft serve',
          hint: 'Set it to a secret, and give that to Prometheus as a bearer token.',
        },
      ]
}
