/** The revision without sessions, in which every request names its version. */
export const modernVersion = '2026-07-28'

/** The revisions that start with `initialize`. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07']

/** The revisions of MCP that are served, newest first. */
export const protocolVersions: readonly string[] = [modernVersion, ...legacyVersions]
