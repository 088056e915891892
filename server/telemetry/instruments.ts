import { Counter, Histogram, type Metric } from './metrics.ts'

/** Seconds; from a call that reads what is kept to the longest that a query may take. */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** As the conventions of OpenTelemetry for MCP have them, seconds. */
const mcpBounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

const queueBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10]

/** Everything that is counted while it happens. What can be looked up when somebody asks is in observe-projects.ts. */
export const createInstruments = () => ({
  accepted: new Counter('dataface_calls_accepted_total', 'Calls that were taken.', ['project', 'tool']),
  answered: new Counter('dataface_calls_answered_total', 'Calls whose answer left, by its code.', ['project', 'tool', 'door', 'code']),
  duration: new Histogram('dataface_call_duration_seconds', 'Time from a call to its answer.', durationBounds, ['project', 'tool', 'door']),
  mcpDuration: new Histogram('mcp_server_operation_duration_seconds', 'Time of requests over MCP.', mcpBounds, [
    'project',
    'mcp_method_name',
    'gen_ai_tool_name',
    'error_type',
  ]),
  verdicts: new Counter('dataface_guard_verdicts_total', 'Statements that the guard judged.', ['project', 'source', 'verdict', 'rule']),
  timeouts: new Counter('dataface_timeouts_total', 'Calls that ran out of time.', ['project', 'tool']),
  cancels: new Counter('dataface_cancels_total', 'Calls that were cancelled, or whose caller went away.', ['project', 'tool']),
  rows: new Counter('dataface_rows_total', 'Rows in answers.', ['project', 'tool']),
  bytes: new Counter('dataface_bytes_total', 'Bytes of answers.', ['project', 'tool']),
  tokens: new Counter('dataface_tokens_total', 'Tokens of answers, estimated.', ['project', 'tool']),
  limitRefusals: new Counter('dataface_limit_refusals_total', 'Calls that a limit refused.', ['project', 'limit']),
  refusedRequests: new Counter('dataface_requests_refused_total', 'Requests that never became calls.', ['project', 'code']),
  queueWait: new Histogram('dataface_queue_wait_seconds', 'Time that queries waited for their turn.', queueBounds, ['project', 'source']),
  reloads: new Counter('dataface_config_reloads_total', 'Changes of settings that were read.', ['project', 'result']),
})

export type Instruments = ReturnType<typeof createInstruments>

/** What they hold now. */
export const readInstruments = (instruments: Instruments): Metric[] => Object.values(instruments).map((instrument) => instrument.read())
