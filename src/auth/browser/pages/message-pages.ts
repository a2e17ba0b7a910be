import { authStrings } from '../../auth-strings.ts'
import type { Person } from '../../ports.ts'
import { html } from './html.ts'
import type { Page } from './page.ts'

export const messagePage = (title: string, message: string): Page => ({
  title,
  content: html`<h1>${title}</h1>
<p>${message}</p>
<p><a href="/sky/login">Log in</a></p>`,
})

/** For somebody whose login was right, but whom no team knows: what an owner has to write into a team's auth. */
export const strangerPage = (person: Person): Page => {
  const { users, groups } = authStrings(person)
  const claims = [['connector', person.connector], ['subject', person.subject], ['name', person.name], ['full name', person.fullName ?? ''], ['e-mail', person.email ?? ''], ['groups', person.groups.join(', ')]] as const
  const listed = (entries: readonly string[]) => html`<ul>${entries.slice(0, mostShown).map((entry) => html`<li><code>${entry}</code></li>`)}</ul>`
  return {
    title: 'No team',
    content: html`<h1>You belong to no team</h1>
<p>The login was right, but no team has a role for you. Ask the owner of a team, or an admin, to set one of these with <code>fly set-team</code>:</p>
<h2>Users</h2>
${listed(users)}
${person.nameIsTheirs ? '' : html`<p>The name <code>${person.name}</code> belonged to somebody else first, so that it does not count for you; the subject does.</p>`}
${groups.length === 0 ? '' : html`<h2>Groups</h2>
${listed(groups)}`}
<h2>What ${person.connector} says of you</h2>
<ul>${claims.filter(([, text]) => text !== '').map(([claim, text]) => html`<li>${claim}: <code>${text}</code></li>`)}</ul>
<p><a href="/sky/login">Log in as somebody else</a></p>`,
  }
}

const mostShown = 50
