import type { ProjectStatus, SourceStatus, Status, StatusFinding, ToolStatus } from '../../telemetry/status.ts'
import { colorRules } from '../boards/color-rules.ts'
import { escapeHtml } from '../boards/html.ts'

/** The page loads nothing and runs nothing, so that it opens without the credentials of a caller. */
export const statusPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

/** The status as a page for a person: what is wrong first, then what is looked at to find out why. */
export const statusPage = (status: Status, minutes: number, now: Date): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titles[status.state]} - Dataface</title>
<link rel="icon" href="data:,">
<style>${colorRules()}${style}</style>
</head>
<body>
<header class="top"><strong>Dataface</strong><span class="muted">Status at <time datetime="${now.toISOString()}">${clock(now)}</time> UTC</span><a href="/status">Read again</a><a href="/status.json">As JSON</a></header>
<main>
<h1 class="${status.state}">${titles[status.state]}</h1>
${findingsList(status.findings, status.projects.length > 1)}
${sourcesTable(status.projects)}
${toolsTable(status.tools, minutes)}
${refusalsTable(status)}
${budgetsTable(status.projects)}
${clientsTable(status)}
${serverTable(status, now)}
</main>
</body>
</html>
`

const titles: Readonly<Record<Status['state'], string>> = {
  ok: 'All is well',
  warning: 'Something needs a look',
  error: 'Something is wrong',
}

const findingsList = (findings: readonly StatusFinding[], isNamed: boolean): string =>
  findings.length === 0
    ? '<p>Every source answers, no call is lost, no limit is near.</p>'
    : `<ul class="findings">${findings
        .map(
          ({ level, project, what, hint }) =>
            `<li class="${level}"><strong>${level === 'error' ? 'Wrong' : 'Look'}</strong> <span>${isNamed && project !== '' ? `${escapeHtml(project)}: ` : ''}${escapeHtml(what)} <span class="muted">${escapeHtml(hint)}</span></span></li>`,
        )
        .join('')}</ul>`

/** A cell is HTML; one of a number stands at the right. */
type Cell = string | { readonly number: string }

const table = (title: string, empty: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const numbers = new Set(rows[0]?.flatMap((cell, index) => (typeof cell === 'string' ? [] : [index])))
  const head = heads.map((text, index) => `<th scope="col"${numbers.has(index) ? ' class="number"' : ''}>${text}</th>`).join('')
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell) => (typeof cell === 'string' ? `<td>${cell}</td>` : `<td class="number">${cell.number}</td>`)).join('')}</tr>`,
  )
  const id = title.split(' ', 1)[0]?.toLowerCase()
  return `<section><h2 id="${id}">${title}</h2>${
    rows.length === 0
      ? `<p class="muted">${empty}</p>`
      : `<div class="wide" role="region" aria-labelledby="${id}" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  }</section>`
}

const sourcesTable = (projects: readonly ProjectStatus[]): string =>
  table(
    'Sources',
    'No source is served.',
    ['Project', 'Source', 'Type', 'State', 'Checked', 'Metadata', 'Running', 'Waiting', 'At once'],
    projects.flatMap(({ name, sources }) =>
      sources.map((source) => [
        escapeHtml(name),
        escapeHtml(source.name),
        escapeHtml(source.type),
        stateCell(source),
        ago(source.proof_age_s),
        ago(source.metadata_age_s),
        count(source.pool?.active),
        count(source.pool?.waiting),
        count(source.pool?.size),
      ]),
    ),
  )

const stateCell = ({ state, reason }: SourceStatus): string => {
  const level = state === 'ready' ? 'ok' : state === 'unasked' ? '' : 'error'
  const why = reason === undefined ? '' : `<br><span class="muted">${reason.code}: ${escapeHtml(reason.message)}</span>`
  return `<span class="state ${level}">${state === 'unasked' ? 'not asked yet' : state}</span>${why}`
}

const toolsTable = (tools: readonly ToolStatus[], minutes: number): string =>
  table(
    `Tools in the last ${minutes} minutes`,
    'Nobody has called.',
    ['Project', 'Tool', 'Calls', 'p50', 'p95', 'p99', 'Failed', 'Answers other than OK'],
    [...tools]
      .sort((a, b) => b.failed_ratio - a.failed_ratio || b.p95_ms - a.p95_ms)
      .map(({ project, tool, calls, codes, p50_ms: p50, p95_ms: p95, p99_ms: p99, failed_ratio: ratio }) => [
        escapeHtml(project),
        escapeHtml(tool),
        count(calls),
        time(p50),
        time(p95),
        time(p99),
        { number: `<span class="state ${ratio > 0 ? 'error' : ''}">${percent(ratio)}</span>` },
        Object.entries(codes)
          .map(([code, times]) => `${code} ${times}`)
          .join(', '),
      ]),
  )

const refusalsTable = ({ refusals }: Status): string =>
  table(
    'Refusals and failures, the newest first',
    'No call was refused, and none failed.',
    ['Time', 'Project', 'Tool', 'Code', 'By', 'Request'],
    refusals.map(({ at, project, tool, code, rule, request_id: id }) => [
      clock(new Date(at)),
      escapeHtml(project),
      escapeHtml(tool),
      code,
      escapeHtml(rule ?? ''),
      `<code>${escapeHtml(id)}</code>`,
    ]),
  )

const budgetsTable = (projects: readonly ProjectStatus[]): string =>
  table(
    'Budgets',
    'No quota is set.',
    ['Project', 'Budget', 'Used by the fullest caller'],
    projects.flatMap(({ name, budgets }) =>
      Object.entries(budgets)
        .sort(([, a], [, b]) => b - a)
        .map(([budget, share]) => [
          escapeHtml(name),
          budget,
          { number: `<meter min="0" max="1" high="0.8" value="${share}" aria-hidden="true"></meter> ${percent(share)}` },
        ]),
    ),
  )

const clientsTable = ({ clients }: Status): string =>
  table(
    'Clients and the versions they call',
    'Nobody has called.',
    ['Project', 'Client', 'Calls by version', 'Last call'],
    clients.map(({ project, client, versions, last_at: last }) => [
      escapeHtml(project),
      escapeHtml(client),
      Object.entries(versions)
        .map(([version, calls]) => `${version} ${calls}`)
        .join(', '),
      clock(new Date(last)),
    ]),
  )

const serverTable = ({ server, projects }: Status, now: Date): string => {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Version', server.version],
    ['Contracts', `<code>${server.contract}</code>`],
    ['Node', server.node],
    ['Running for', ago((now.getTime() - Date.parse(server.started_at)) / 1000)],
    ['Calls without an answer yet', String(server.calls_in_flight)],
    ['Calls that were lost', String(server.calls_dropped)],
    ...projects.flatMap(({ name, audit, last_reload: reload }): (readonly [string, string])[] => [
      [
        `Record of calls, ${escapeHtml(name)}`,
        audit === undefined ? 'not kept' : audit.failures === 0 ? 'written' : `${audit.failures} could not be written`,
      ],
      [
        `Settings, ${escapeHtml(name)}`,
        reload === undefined ? 'as at the start' : `${reload.ok ? 'read anew' : 'refused'} at ${clock(new Date(reload.at))}`,
      ],
    ]),
  ]
  return `<section><h2 id="server">Server</h2><dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl></section>`
}

const clock = (at: Date): string => at.toISOString().slice(11, 19)

const count = (value: number | undefined): Cell => ({ number: value === undefined ? '' : String(value) })

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`

const time = (ms: number): Cell => ({ number: ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s` })

/** A span of time as people say it. */
const ago = (seconds: number | undefined): string => {
  if (seconds === undefined) return ''
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

const style = `
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.5 Inter, system-ui, sans-serif }
.top { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 10px 24px; border-bottom: 1px solid var(--border) }
.top a { color: var(--accent) }
main { max-width: 1280px; margin: 0 auto; padding: 20px 24px 64px }
h1 { margin: 0 0 8px; font-size: 26px; line-height: 34px }
h2 { margin: 32px 0 8px; font-size: 16px }
p { margin: 0 }
.muted { color: var(--muted) }
code { white-space: nowrap; font: 0.9em ui-monospace, Menlo, Consolas, monospace }
.findings { display: grid; gap: 8px; margin: 12px 0 0; padding: 0; list-style: none }
.findings li { display: flex; gap: 12px; padding: 10px 14px; border: 1px solid var(--border); border-left: 4px solid; border-radius: var(--radius); background: var(--card) }
.findings .error { border-left-color: var(--negative-solid) }
.findings .warning { border-left-color: var(--warning-solid) }
.findings strong { min-width: 3.5em }
.findings .error strong, h1.error { color: var(--negative-text) }
.findings .warning strong, h1.warning { color: var(--warning-text) }
h1.ok, .state.ok { color: var(--positive-text) }
.wide { overflow-x: auto; border: 1px solid var(--border); border-radius: var(--radius); background: var(--card) }
.wide:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
table { width: 100%; border-collapse: collapse }
th, td { padding: 6px 12px; text-align: left; vertical-align: top }
th { color: var(--muted); font-size: 12px; font-weight: 600; white-space: nowrap }
td { border-top: 1px solid var(--border) }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.state.ok::before { content: "\\2713\\00a0" }
.state.error::before { content: "\\2717\\00a0" }
.state.error { color: var(--negative-text); font-weight: 600 }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 12px 24px; margin: 0 }
dt { color: var(--muted); font-size: 12px }
dd { margin: 0; overflow-wrap: anywhere }
`
