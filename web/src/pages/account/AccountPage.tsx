import { Facts, Panel, Table } from '../../parts/Panel.tsx'
import { Command, Empty, Skeleton } from '../../parts/Notice.tsx'
import type { User } from '../../api/types.ts'
import { Heading } from '../../shell/Heading.tsx'
import { href } from '../../store/navigation.ts'
import { loginUrl, userState } from '../../store/user.ts'
import css from '../../parts/Fields.module.css'
import own from './AccountPage.module.css'
import { ThemeChoice } from './ThemeChoice.tsx'
import { Tokens } from './Tokens.tsx'

/** Who is logged in, what they may do where, how the pages look, and tokens for machines. */
export default function AccountPage(): preact.JSX.Element {
  const state = userState.value
  return (
    <>
      <div class={css.top}>
        <Heading title="Account">{state.kind === 'known' ? state.user.name : 'Account'}</Heading>
      </div>
      {state.kind === 'loading' && <Skeleton />}
      {state.kind === 'stranger' && (
        <Empty title="Nobody is logged in">
          <p>You come back to this page.</p>
          <a class="button primary" href={loginUrl()}>
            Log in
          </a>
        </Empty>
      )}
      {state.kind === 'known' && (
        <>
          <Panel
            title="Who you are"
            actions={
              <form class={own.out} method="get" action="/sky/logout">
                <button>Log out</button>
              </form>
            }
          >
            <Facts
              facts={[
                ['User name', state.user.user_name],
                ['Known to', state.user.connector],
                ['As', state.user.sub],
                ['Email', state.user.email === '' ? undefined : state.user.email],
                ['Administrator', state.user.is_admin ? <a href={href({ page: 'admin' })}>yes, of this server</a> : undefined],
              ]}
            />
          </Panel>
          <Roles user={state.user} />
        </>
      )}
      <ThemeChoice />
      {state.kind === 'known' && <Tokens user={state.user} />}
      {state.kind === 'known' && (
        <Panel title="On the command line">
          <p class={css.note}>With airside, or with fly as you have it:</p>
          <Command>{`airside login --target ci ${location.origin}`}</Command>
          <Command>{`fly -t ci login -c ${location.origin}`}</Command>
        </Panel>
      )}
    </>
  )
}

function Roles({ user }: { readonly user: User }): preact.JSX.Element {
  const teams = Object.keys(user.actions ?? user.teams).toSorted()
  return (
    <Panel title="Teams">
      {teams.length === 0 ? (
        <p class={css.note}>You are in no team: an owner of one can give you a role. Tell them that you are {user.sub}.</p>
      ) : (
        <Table
          label="Teams and your roles in them"
          columns={[
            ['Team', (team) => <a href={href({ page: 'team', team })}>{team}</a>],
            ['Your roles', (team) => user.teams[team]?.join(', ') ?? 'all, as an administrator'],
          ]}
          rows={teams}
          keyOf={(team) => team}
        />
      )}
    </Panel>
  )
}
