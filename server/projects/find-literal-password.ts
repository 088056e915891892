/**
 * True when the text of a connection string holds a password: `scheme://user:password@...` or `?password=...`,
 * also `password=` of a libpq keyword string.
 */
export const holdsPassword = (url: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*?:[^@]+@/i.test(url) || /(?:^|[?&\s])(?:password|sslpassword)\s*=\s*[^&\s]/i.test(url)
