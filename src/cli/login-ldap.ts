import type { AppOptions } from '../app/options.ts'
import { CommandError } from './exit.ts'
import type { LoginSettings } from './login-providers.ts'

type LdapOptions = NonNullable<NonNullable<AppOptions['login']>['ldap']>

/** The directory, where ldap-host is given. */
export function loginLdap(settings: LoginSettings): LdapOptions | undefined {
  const { ldapHost, ldapInsecureNoSsl, ldapStartTls, ldapCaCert, ldapUserSearchUsername, ldapUserSearchNameAttr } = settings
  if (ldapHost === undefined) {
    if (settings.passwordConnector === 'ldap') throw new CommandError('ldap-host is missing: password-connector is ldap')
    return undefined
  }
  if (ldapInsecureNoSsl && ldapStartTls) throw new CommandError('ldap-insecure-no-ssl and ldap-start-tls exclude each other')
  const tls = ldapInsecureNoSsl ? 'none' : ldapStartTls ? 'start-tls' : 'ldaps'
  const username = needed('user-search-username', ldapUserSearchUsername)
  return {
    host: /:\d+$/.test(ldapHost) ? ldapHost : `${ldapHost}:${tls === 'ldaps' ? 636 : 389}`,
    tls,
    authorities: ldapCaCert === undefined ? [] : [ldapCaCert],
    bindDn: needed('bind-dn', settings.ldapBindDn),
    bindPassword: needed('bind-pw', settings.ldapBindPw),
    prompt: settings.ldapUsernamePrompt,
    users: {
      baseDn: needed('user-search-base-dn', settings.ldapUserSearchBaseDn),
      ...(settings.ldapUserSearchFilter !== undefined && { filter: settings.ldapUserSearchFilter }),
      scope: settings.ldapUserSearchScope,
      username,
      idAttribute: settings.ldapUserSearchIdAttr,
      nameAttribute: ldapUserSearchNameAttr ?? username,
      emailAttribute: settings.ldapUserSearchEmailAttr,
    },
    ...(settings.ldapGroupSearchBaseDn !== undefined && {
      groups: {
        baseDn: settings.ldapGroupSearchBaseDn,
        ...(settings.ldapGroupSearchFilter !== undefined && { filter: settings.ldapGroupSearchFilter }),
        scope: settings.ldapGroupSearchScope,
        userAttribute: settings.ldapGroupSearchUserAttr,
        groupAttribute: settings.ldapGroupSearchGroupAttr,
        nameAttribute: settings.ldapGroupSearchNameAttr,
      },
    }),
  }
}

function needed<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new CommandError(`ldap-${name} is missing: ldap-host is given, which does not do without it`)
  return value
}
