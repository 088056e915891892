/** Values of a series, one after the other, as promtool writes them: `0+10x60` counts up by ten, sixty times. */
export type SeriesOf = Readonly<Record<string, string>>

/** What an alert is tested with. Moments are numbers of samples. */
export interface AlertCase {
  readonly alert: string
  /** Default 1. */
  readonly minutesPerSample?: number
  /** Of the alert that fires, without its severity. */
  readonly labels: Readonly<Record<string, string>>
  readonly series: SeriesOf
  /** It does not fire yet, it fires, and it fires no more. */
  readonly quiet: number
  readonly fires: number
  readonly clears: number
  /** What comes near and never fires, looked at at these moments. */
  readonly near: { readonly series: SeriesOf; readonly at: readonly number[] }
}

const answered = (code: string): string => `dataface_calls_answered_total{project="sales",tool="execute_query",door="rest",code="${code}"}`
const queries = (suffix: string): string => `dataface_call_duration_seconds_${suffix}`
const timed = queries('count{project="sales",tool="execute_query",door="rest"}')
const within = (le: string): string => queries(`bucket{project="sales",tool="execute_query",door="rest",le="${le}"}`)
const verdicts = (verdict: 'allowed' | 'refused', rule = verdict === 'allowed' ? 'none' : 'function'): string =>
  `dataface_guard_verdicts_total{project="sales",source="shop",verdict="${verdict}",rule="${rule}"}`
const pool = (state: string): string => `dataface_pool_connections{project="sales",source="shop",state="${state}"}`
const poolSize = 'dataface_pool_size{project="sales",source="shop"}'
const replica = (name: string): string => `up{job="dataface",instance="${name}"}`
const release = (instance: string, contract: string): string =>
  `dataface_build_info{job="dataface",instance="${instance}",version="0.1.0",contract="${contract}",node="24"}`

/** Of a hundred calls in each sample so many fail or are slow: none for a while, then `count` of them, then none. */
interface Spell {
  readonly count: number
  readonly before: number
  readonly during: number
  readonly after: number
}
const failing = (code: string, { count, before, during, after }: Spell): SeriesOf => ({
  [answered('OK')]: `0+${100 - count}x${before + during + after}`,
  [answered(code)]: `0x${before} 0+${count}x${during} ${count * during}x${after}`,
})
const slow = ({ count, before, during, after }: Spell): SeriesOf => ({
  [timed]: `0+100x${before + during + after}`,
  [within('5')]: `0+100x${before} ${100 * before}+${100 - count}x${during} ${100 * (before + during) - count * during}+100x${after}`,
  [within('10')]: `0+100x${before + during + after}`,
})

/** An alert of a gauge that is 0 while something is wrong: not of a single sample. */
const stateCase = (alert: string, gauge: string, labels: AlertCase['labels']): AlertCase => {
  const series = `${gauge}{project="sales",instance="a"}`
  return {
    alert,
    labels,
    series: { [series]: '1x10 0x10 1x10' },
    quiet: 10,
    fires: 15,
    clears: 23,
    near: { series: { [series]: '1x10 0 1x20' }, at: [11, 12, 13] },
  }
}

const hour = 60
/** Where a sample stands for ten minutes. */
const day = 144

/** One case for each alert of docs/operations/alerts.yml. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'DatafaceAvailabilityFastBurn',
    labels: { project: 'sales' },
    series: failing('SOURCE_UNAVAILABLE', { count: 20, before: hour, during: hour, after: 2 * hour }),
    quiet: hour,
    fires: hour + 30,
    clears: 3 * hour,
    // Faults of callers are none of ours, however many.
    near: { series: failing('SQL_ERROR', { count: 90, before: hour, during: hour, after: 2 * hour }), at: [hour + 30, 2 * hour] },
  },
  {
    alert: 'DatafaceAvailabilitySlowBurn',
    minutesPerSample: 10,
    labels: { project: 'sales' },
    series: failing('INTERNAL_ERROR', { count: 1, before: 6, during: day, after: day }),
    quiet: 6,
    fires: day,
    clears: 2 * day,
    // Four failed calls in three days are too few to tell anything.
    near: { series: { [answered('OK')]: `0x${3 * day}`, [answered('NOT_READY')]: `0x${day} 1 2 3 4x${day}` }, at: [day + 2, 2 * day] },
  },
  {
    alert: 'DatafaceLatencyFastBurn',
    labels: { project: 'sales', tool: 'execute_query' },
    series: slow({ count: 50, before: hour, during: hour, after: 2 * hour }),
    quiet: hour,
    fires: hour + 30,
    clears: 3 * hour,
    near: { series: slow({ count: 5, before: hour, during: hour, after: 2 * hour }), at: [hour + 30, 2 * hour] },
  },
  {
    alert: 'DatafaceLatencySlowBurn',
    minutesPerSample: 10,
    labels: { project: 'sales', tool: 'execute_query' },
    series: slow({ count: 4, before: 6, during: day, after: 2 * day }),
    quiet: 6,
    fires: day,
    clears: 2 * day,
    // Boards are promised less, and may take longer.
    near: {
      series: {
        'dataface_call_duration_seconds_count{project="sales",tool="render_dashboard",door="mcp"}': `0+10x${2 * day}`,
        'dataface_call_duration_seconds_bucket{project="sales",tool="render_dashboard",door="mcp",le="5"}': `0x${2 * day}`,
        'dataface_call_duration_seconds_bucket{project="sales",tool="render_dashboard",door="mcp",le="10"}': `0+10x${2 * day}`,
      },
      at: [day, 2 * day],
    },
  },
  {
    alert: 'DatafaceSourceDown',
    labels: { project: 'sales', source: 'shop' },
    // One of two replicas cannot reach it.
    series: {
      'dataface_source_up{project="sales",source="shop",instance="a"}': '1x30',
      'dataface_source_up{project="sales",source="shop",instance="b"}': '1x10 0x10 1x10',
    },
    quiet: 12,
    fires: 14,
    clears: 23,
    near: { series: { 'dataface_source_up{project="sales",source="shop",instance="a"}': '1x10 0 1x20' }, at: [11, 12, 13, 14] },
  },
  {
    alert: 'DatafacePoolSaturated',
    labels: { project: 'sales', source: 'shop' },
    series: { [poolSize]: '8x60', [pool('active')]: '2x10 8x20 1x30', [pool('waiting')]: '0x10 6x20 0x30' },
    quiet: 10,
    fires: 20,
    clears: 40,
    // All are busy, and nobody waits.
    near: { series: { [poolSize]: '8x60', [pool('active')]: '8x60', [pool('waiting')]: '0x60' }, at: [20, 40] },
  },
  {
    alert: 'DatafaceReplicaDown',
    labels: { job: 'dataface', instance: 'b' },
    series: { [replica('a')]: '1x30', [replica('b')]: '1x10 0x10 1x10' },
    quiet: 11,
    fires: 14,
    clears: 23,
    near: { series: { [replica('a')]: '1x30', [replica('b')]: '1x10 0 1x20' }, at: [11, 12, 13, 14] },
  },
  {
    alert: 'DatafaceContractDrift',
    labels: { job: 'dataface' },
    series: { [release('a', '111111111111')]: '1x60', [release('b', '222222222222')]: '_x10 1x30 _x20' },
    quiet: 15,
    fires: 30,
    clears: 50,
    near: {
      // A release that rolls out, and replicas that agree.
      series: {
        [release('a', '111111111111')]: '1x10 _x50',
        [release('b', '111111111111')]: '1x20 _x40',
        [release('a', '222222222222')]: '_x12 1x48',
        [release('b', '222222222222')]: '_x22 1x38',
      },
      at: [20, 22, 30, 50],
    },
  },
  stateCase('DatafaceConfigRefused', 'dataface_config_last_reload_ok', { project: 'sales', instance: 'a' }),
  stateCase('DatafaceAccessDown', 'dataface_access_up', { project: 'sales', instance: 'a' }),
  {
    alert: 'DatafaceAuditFailing',
    labels: { project: 'sales' },
    // The counter may not be there before the first failure.
    series: { 'dataface_audit_failures_total{project="sales",instance="a"}': '_x10 1 1x30' },
    quiet: 9,
    fires: 11,
    clears: 30,
    near: { series: { 'dataface_audit_failures_total{project="sales",instance="a"}': '3x30' }, at: [10, 20] },
  },
  stateCase('DatafaceAuditFailing', 'dataface_audit_up', { project: 'sales' }),
  {
    alert: 'DatafaceCallsDropped',
    labels: { project: 'sales', tool: 'catalog', instance: 'a' },
    series: { 'dataface_calls_dropped{project="sales",tool="catalog",instance="a"}': '0x10 2x10 0x10' },
    quiet: 10,
    fires: 14,
    clears: 23,
    near: { series: { 'dataface_calls_dropped{project="sales",tool="catalog",instance="a"}': '0x10 1 0x20' }, at: [11, 12, 13] },
  },
  {
    alert: 'DatafaceGuardViolationSpike',
    labels: { project: 'sales', source: 'shop' },
    series: { [verdicts('allowed')]: '0+20x60', [verdicts('refused')]: '0x20 0+50x10 500x30' },
    quiet: 20,
    fires: 25,
    clears: 45,
    // A busy source where one statement in twenty is refused, and more have mistakes than not.
    near: {
      series: {
        [verdicts('allowed')]: '0+380x60',
        [verdicts('refused')]: '0+20x60',
        [verdicts('refused', 'SQL_ERROR')]: '0+500x60',
        [verdicts('refused', 'TABLE_NOT_FOUND')]: '0+500x60',
      },
      at: [20, 50],
    },
  },
  {
    alert: 'DatafaceBudgetExhausted',
    labels: { project: 'sales', budget: 'tokens', limit: 'tokens' },
    series: { 'dataface_budget_used_ratio{project="sales",budget="tokens"}': '0.9x10 1x20 0.2x10' },
    quiet: 12,
    fires: 20,
    clears: 35,
    // Nearly used up, and refused now and then.
    near: {
      series: {
        'dataface_budget_used_ratio{project="sales",budget="tokens"}': '0.99x40',
        'dataface_limit_refusals_total{project="sales",limit="calls"}': '0+3x40',
      },
      at: [20, 40],
    },
  },
]
