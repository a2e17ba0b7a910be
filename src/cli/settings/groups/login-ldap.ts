import { ofTeam, parseHost, readPem, webSetting } from '../login/values.ts'
import type { Setting } from '../setting.ts'
import { choice, hidden, one, onOff, text } from '../types.ts'

const passwordText = one('TEXT', (given) => ({ ok: true, value: given }) as const, hidden)
const scope = choice('SCOPE', ['sub', 'one'])
const inUsers = (name: string) => `CONCOURSE_LDAP_USER_SEARCH_${name}`
const inGroups = (name: string) => `CONCOURSE_LDAP_GROUP_SEARCH_${name}`

/** A directory that people's passwords are checked by. */
export const loginLdap = {
  'password-connector': webSetting(choice('CONNECTOR', ['local', 'ldap']), 'CONCOURSE_PASSWORD_CONNECTOR', 'where passwords are checked', 'Without it local users are checked here, and all others by LDAP where it is set.'),
  'ldap-host': webSetting(one('HOST', parseHost), 'CONCOURSE_LDAP_HOST', 'LDAP server', 'With a port where it is neither 636 nor, without TLS or with ldap-start-tls, 389.'),
  'ldap-bind-dn': webSetting(text('DN'), 'CONCOURSE_LDAP_BIND_DN', 'entry by which this server looks for people'),
  'ldap-bind-pw': { ...webSetting(passwordText, 'CONCOURSE_LDAP_BIND_PW', 'password of that entry'), secret: (given: string): string[] => [given] },
  'ldap-start-tls': webSetting(onOff, 'CONCOURSE_LDAP_START_TLS', 'begin without TLS and change to it'),
  'ldap-insecure-no-ssl': webSetting(onOff, 'CONCOURSE_LDAP_INSECURE_NO_SSL', 'speak to the server without TLS', 'Passwords go over the network as they are.'),
  'ldap-ca-cert': webSetting(one('FILE', readPem), 'CONCOURSE_LDAP_CA_CERT', 'PEM file of the authority of its certificate'),
  'ldap-username-prompt': { ...webSetting(text('TEXT'), 'CONCOURSE_LDAP_USERNAME_PROMPT', 'what the login page calls the name'), default: 'Username' },
  'ldap-user-search-base-dn': webSetting(text('DN'), inUsers('BASE_DN'), 'where people are looked for'),
  'ldap-user-search-filter': webSetting(text('FILTER'), inUsers('FILTER'), 'what their entries fulfil besides', 'Such as `(objectClass=person)`.'),
  'ldap-user-search-username': webSetting(text('ATTRIBUTE'), inUsers('USERNAME'), 'attribute that people type'),
  'ldap-user-search-scope': { ...webSetting(scope, inUsers('SCOPE'), 'how deep people are looked for'), default: 'sub' },
  'ldap-user-search-id-attr': { ...webSetting(text('ATTRIBUTE'), inUsers('ID_ATTR'), 'attribute that never changes hands', 'Team auth may name it: `ldap:ID`.'), default: 'uid' },
  'ldap-user-search-email-attr': { ...webSetting(text('ATTRIBUTE'), inUsers('EMAIL_ATTR'), 'attribute of the e-mail address'), default: 'mail' },
  'ldap-user-search-name-attr': webSetting(text('ATTRIBUTE'), inUsers('NAME_ATTR'), 'attribute of the name that team auth means', 'Without it what was typed is the name.'),
  'ldap-group-search-base-dn': webSetting(text('DN'), inGroups('BASE_DN'), 'where groups are looked for', 'Without it there are none.'),
  'ldap-group-search-filter': webSetting(text('FILTER'), inGroups('FILTER'), 'what their entries fulfil besides'),
  'ldap-group-search-scope': { ...webSetting(scope, inGroups('SCOPE'), 'how deep groups are looked for'), default: 'sub' },
  'ldap-group-search-user-attr': { ...webSetting(text('ATTRIBUTE'), inGroups('USER_ATTR'), 'attribute of a person that groups name', 'DN is the name of the entry itself.'), default: 'DN' },
  'ldap-group-search-group-attr': { ...webSetting(text('ATTRIBUTE'), inGroups('GROUP_ATTR'), 'attribute of a group that names its members'), default: 'member' },
  'ldap-group-search-name-attr': { ...webSetting(text('ATTRIBUTE'), inGroups('NAME_ATTR'), 'attribute of the group’s name'), default: 'cn' },
  'main-team-ldap-user': ofTeam('ldap', 'users', 'LDAP_USER'),
  'main-team-ldap-group': ofTeam('ldap', 'groups', 'LDAP_GROUP'),
} as const satisfies Readonly<Record<string, Setting>>
