/** Pages that a login may lead to. */
const targets = [/^\/$/, /^\/teams(?:\/|$)/, /^\/builds(?:\/|$)/, /^\/(?:hd|account|admin|terminal|download-fly|fly_success)$/]
const stages = 5

/**
 * Where a login leads, as a path of this server; undefined: the text is refused. A browser, a proxy and this server may each decode it
 * once, so that it has to be harmless at every stage.
 */
export function safeRedirect(text: string): string | undefined {
  // As in a URL: spaces and letters beyond ASCII, which names of pipelines may have, come encoded.
  if (!/^[\x21-\x7e]*$/.test(text)) return undefined
  let stage = text
  for (let decoded = 0; ; decoded++) {
    if (!/^\/(?![/\\])\P{Cc}*$/u.test(stage) || !staysHere(stage)) return undefined
    const next = decode(stage)
    if (next === stage) break
    if (decoded === stages) return undefined
    stage = next
  }
  const { pathname, search, hash } = new URL(text, nowhere)
  return targets.some((target) => target.test(pathname)) ? `${pathname}${search}${hash}` : undefined
}

const nowhere = 'http://this-server.invalid'

function staysHere(text: string): boolean {
  if (!URL.canParse(text, nowhere)) return false
  const { origin, pathname, username, password } = new URL(text, nowhere)
  return origin === nowhere && !pathname.startsWith('//') && username === '' && password === ''
}

/** What does not decode is as it is: `100%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
