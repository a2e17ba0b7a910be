import { html } from './html.ts'
import type { Page } from './page.ts'

export interface FlyToken {
  readonly token: string
  /** Where fly listens on the browser's machine; absent: it asks for the token to be pasted. */
  readonly port?: number
}

/** Hands fly its token: by itself, by a link, or to be pasted, which always works. */
export const flyTokenPage = ({ token, port }: FlyToken): Page => {
  const target = port === undefined ? undefined : `http://127.0.0.1:${port}/?token=${encodeURIComponent(`bearer ${token}`)}`
  return {
    title: 'Token for fly',
    content: html`<h1>You are logged in</h1>
${target === undefined ? '' : html`<p id="state" role="status">Give fly its token:</p>
<a class="button" id="send" href="${target}" rel="noreferrer">Send the token to fly</a>
<p class="or">or paste it where fly waits</p>`}
<label for="token">Token</label>
<textarea id="token" rows="3" readonly spellcheck="false">bearer ${token}</textarea>
<button class="second" id="copy" type="button" hidden>Copy</button>
<p class="quiet">The token is fly’s own: whoever has it can do what you can, until it expires or <code>fly logout</code> ends it.</p>`,
    script: target === undefined ? copyScript : `${copyScript}${sendScript}`,
    secret: true,
    ...(port !== undefined && { connect: `http://127.0.0.1:${port}` }),
  }
}

const copyScript = `
const token = document.getElementById('token')
const copy = document.getElementById('copy')
copy.hidden = false
copy.addEventListener('click', async () => {
  token.select()
  try { await navigator.clipboard.writeText(token.value) } catch { document.execCommand('copy') }
  copy.textContent = 'Copied'
})
`

/** fly answers other origins than the server's with an error; some browsers let no page of https connect to it. */
const sendScript = `
const state = document.getElementById('state')
const send = document.getElementById('send')
state.textContent = 'Sending the token to fly …'
fetch(send.href, { mode: 'cors', credentials: 'omit', referrerPolicy: 'no-referrer' }).then((response) => {
  if (!response.ok) throw new Error(String(response.status))
  state.textContent = 'fly has its token. This window can be closed.'
  send.hidden = true
}).catch(() => {
  state.textContent = 'The browser did not let this page send the token by itself.'
})
`

/** Before a token is made for somebody who did not just log in: a link from elsewhere must not do that by itself. */
export const flyConfirmPage = ({ person, port, formToken }: { readonly person: string; readonly port?: number; readonly formToken: string }): Page => ({
  title: 'Token for fly',
  content: html`<h1>A token for fly</h1>
<p>You are logged in as <strong>${person}</strong>. Go on only if you have just started <code>fly login</code>${port === undefined ? '' : html`, and it waits on port ${port}`}.</p>
<form method="post" action="/fly_success">
<input type="hidden" name="form" value="${formToken}">
${port === undefined ? '' : html`<input type="hidden" name="fly_port" value="${port}">`}
<button type="submit">Make a token for fly</button>
</form>
<p class="quiet">Somebody else? <a href="/sky/logout">Log out</a> first.</p>`,
})

export const flyDonePage: Page = {
  title: 'Logged in',
  content: html`<h1>fly has its token</h1>
<p>You are logged in. This window can be closed.</p>`,
}
