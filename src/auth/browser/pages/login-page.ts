import { html } from './html.ts'
import type { Page } from './page.ts'

export interface LoginPage {
  /** Where the login leads. */
  readonly redirect: string
  /** Says that this server gave the form to this browser. */
  readonly formToken: string
  readonly passwordPrompt: string
  /** Others that one can log in with, by id. */
  readonly connectors: readonly { readonly id: string; readonly name: string }[]
  readonly error?: string
  readonly name?: string
}

export const loginPage = ({ redirect, formToken, passwordPrompt, connectors, error, name = '' }: LoginPage): Page => ({
  title: 'Log in',
  content: html`<h1>Log in to Airside</h1>
${redirect.startsWith('/fly_success') ? html`<p>fly asks you to log in, and is given a token of its own.</p>` : ''}
${error === undefined ? '' : html`<p class="error" role="alert">${error}</p>`}
${connectors.map((connector) => html`<a class="button" href="/sky/login/${connector.id}?redirect_uri=${encodeURIComponent(redirect)}">Log in with ${connector.name}</a>
`)}${connectors.length === 0 ? '' : html`<p class="or">or with a password</p>`}
<form method="post" action="/sky/login">
<input type="hidden" name="redirect_uri" value="${redirect}">
<input type="hidden" name="form" value="${formToken}">
<label for="login">${passwordPrompt}</label>
<input id="login" name="login" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="1024"${name === '' ? html` autofocus` : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${name === '' ? '' : html` autofocus`}>
<button type="submit">Log in</button>
</form>`,
})
