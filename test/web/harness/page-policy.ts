/** What a document may not do, by its content security policy: each must be in it. */
const everywhere = ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]
/** Scripts are the server's own files, and make no markup from text; or there are none but one with the number in the page. */
const ofUi = ["script-src 'self'", "require-trusted-types-for 'script'", 'trusted-types airside-worker']

/** Directives of a page's policy that are missing or let in too much. */
export function weaknesses(pathname: string, policy: string): string[] {
  const directives = policy.split('; ')
  const isUi = directives.some((one) => one.startsWith("connect-src 'self'"))
  const missing = [...everywhere, ...(isUi ? ofUi : [])].filter((one) => !directives.includes(one)).map((one) => `no ${one}`)
  const loose = directives.filter((one) => /^(?:script|style)-src/.test(one) && !/^script-src '(?:self|nonce-[\w+/=]+)'$|^style-src '(?:self|nonce-[\w+/=]+)'$/.test(one))
  // The terminal writes its own styles.
  return [...missing, ...loose.filter((one) => pathname !== '/terminal' || one !== "style-src 'self' 'unsafe-inline'")]
}
