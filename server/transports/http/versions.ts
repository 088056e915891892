import type { DeprecatedVersion } from '../../dispatch/load-version.ts'

/** Says for which version of the contracts a caller was written, where no path does: over tRPC and MCP. */
export const versionHeader = 'dataface-version'

/** The version that a text names; one that is never served for what is no number, so that the call is refused. */
export const parseVersion = (text: string): number => (/^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0)

/** What tells programs that a version will go: RFC 9745 (Deprecation), RFC 8594 (Sunset) and the version to call instead. */
export const deprecationHeaders = (deprecated: DeprecatedVersion | undefined): Readonly<Record<string, string>> => {
  if (deprecated === undefined) return {}
  const { tool, since, sunset, replacement, newest } = deprecated
  return {
    deprecation: `@${Date.parse(since) / 1000}`,
    ...(sunset !== undefined && { sunset: new Date(`${sunset}T23:59:59Z`).toUTCString() }),
    link: `</api/v${newest}/${replacement ?? tool}>; rel="successor-version"`,
  }
}
