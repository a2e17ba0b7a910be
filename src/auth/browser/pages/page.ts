import { randomBytes } from 'node:crypto'
import { html, Html } from './html.ts'

export interface Page {
  readonly title: string
  readonly content: Html
  /** Runs when the page is there; it works without, too. */
  readonly script?: string
  /** Where the script may connect to. */
  readonly connect?: string
  /** It shows a secret. */
  readonly secret?: true
}

export interface RenderedPage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const style = `
:root { color-scheme: light dark; --text: #1c2430; --quiet: #5a6573; --ground: #f2f4f7; --card: #fff; --line: #c9d0d9; --accent: #1f5fbf; --on-accent: #fff; --bad: #a51d2d }
@media (prefers-color-scheme: dark) {
  :root { --text: #e5e9ef; --quiet: #a3adba; --ground: #14181e; --card: #1e242c; --line: #3d4754; --accent: #7fb0ff; --on-accent: #0e1a2c; --bad: #ff8f98 }
}
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
h1 { margin: 0 0 1rem; font-size: 1.35rem }
h2 { margin: 1.25rem 0 .25rem; font-size: 1rem }
p { margin: .75rem 0 }
ul { margin: .25rem 0; padding-left: 1.25rem }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
input, textarea { width: 100%; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; background: transparent; color: inherit; font: inherit }
textarea, code { font-family: ui-monospace, monospace; font-size: .875rem }
textarea { resize: none }
code { overflow-wrap: anywhere }
button, .button { display: block; width: 100%; margin-top: 1rem; padding: .65rem; border: 1px solid var(--accent); border-radius: .3rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer }
.second { background: transparent; color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
a { color: var(--accent) }
.error { padding: .6rem .75rem; border-left: 4px solid var(--bad); color: var(--bad) }
.quiet { color: var(--quiet) }
.or { margin: 1.25rem 0 0; color: var(--quiet); text-align: center }
`

/** A page that loads nothing: its style, and its script where it has one, are let in by a number that is used once. */
export function render({ title, content, script, connect, secret }: Page): RenderedPage {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'", `style-src 'nonce-${nonce}'`, "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ...(script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
  ]
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Airside</title>
<style nonce="${nonce}">${new Html(style)}</style>
</head>
<body>
<main>
${content}
</main>
${script === undefined ? '' : html`<script nonce="${nonce}">${new Html(script)}</script>
`}</body>
</html>
`
  // Under no-referrer a browser sends the page's forms with `Origin: null`, by which no server knows its own.
  const referrer = secret === true ? 'no-referrer' : 'same-origin'
  return {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy.join('; '), 'Referrer-Policy': referrer, 'Cross-Origin-Opener-Policy': 'same-origin' },
    body: page.markup,
  }
}
