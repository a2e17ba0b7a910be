import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, describe, expect, it, test } from 'vitest'
import { secrets } from '../terminal.ts'
import { resolve } from './resolve.ts'
import { secretVariables } from './secret-variables.ts'
import { addSettings, settingsOf } from './settings-of.ts'
import { variableOf, type CommandName, type Setting } from './setting.ts'
import { concourseOf } from './sources.ts'
import { settings } from './table.ts'

const folder = mkdtempSync(join(tmpdir(), 'airside-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function write(text: string): string {
  const file = join(folder, `file-${++files}`)
  writeFileSync(file, text)
  return file
}

function read<Name extends CommandName>(name: Name, args: readonly string[], env: Record<string, string> = {}) {
  const warnings: string[] = []
  const command = addSettings(new Command(), name).exitOverride().parse(args, { from: 'user' })
  return { values: settingsOf(name, command, (line) => warnings.push(line), env), warnings }
}

describe('where a value is taken from', () => {
  const config = write('bind: from-config\nport: 5\n')
  const all = { AIRSIDE_BIND: 'from-variable', AIRSIDE_BIND_FILE: write('from-file\n'), AIRSIDE_CONFIG: config, CONCOURSE_BIND_IP: 'from-concourse' }
  const bind = (env: Record<string, string>, ...args: string[]) => read('web', args, env).values.bind

  it('is the first place that has it', () => {
    expect(bind(all, '--bind', 'from-flag')).toBe('from-flag')
    expect(bind(all)).toBe('from-variable')
    const { AIRSIDE_BIND: _variable, ...withoutVariable } = all
    expect(bind(withoutVariable)).toBe('from-file')
    const { AIRSIDE_BIND_FILE: _file, ...withoutFile } = withoutVariable
    expect(bind(withoutFile)).toBe('from-config')
    expect(bind({ CONCOURSE_BIND_IP: 'from-concourse' })).toBe('from-concourse')
    expect(bind({})).toBe('127.0.0.1')
  })

  it('takes an empty flag or variable as none', () => {
    expect(bind({ ...all, AIRSIDE_BIND: '', AIRSIDE_BIND_FILE: '' }, '--bind', '')).toBe('from-config')
  })

  it('lets a flag take back a switch of the environment', () => {
    expect(read('run', ['--no-keep', '--native-image-fetch'], { AIRSIDE_KEEP: 'yes', AIRSIDE_NATIVE_IMAGE_FETCH: 'false' }).values).toMatchObject({ keep: false, nativeImageFetch: true })
    expect(read('run', [], { AIRSIDE_KEEP: 'yes', AIRSIDE_NATIVE_IMAGE_FETCH: 'false' }).values).toMatchObject({ keep: true, nativeImageFetch: false })
  })

  it('reads a list one a line in the environment, and whole from one place', () => {
    const env = { AIRSIDE_CLOUD_IDENTITY: 'a.example\n\n *.b.example \n' }
    expect(read('run', [], env).values.cloudIdentity).toEqual(['a.example', '*.b.example'])
    expect(read('run', ['--cloud-identity', 'c.example'], env).values.cloudIdentity).toEqual(['c.example'])
  })

  it('does not take the variables of a Kubernetes Service called airside', () => {
    expect(read('web', [], { AIRSIDE_PORT: 'tcp://10.0.0.1:8080', AIRSIDE_SERVICE_HOST: '10.0.0.1', AIRSIDE_SERVICE_PORT: '8080', AIRSIDE_PORT_8080_TCP_ADDR: '10.0.0.1' })).toMatchObject({ values: { port: 8080 }, warnings: [] })
  })
})

describe('a file of settings', () => {
  const run = (text: string, name: CommandName = 'run') => read(name, ['--config', write(text)])

  it('holds texts, lists and maps', () => {
    const text = 'runtime: kubernetes\nkeep: on\nkeep-for: 2h\nprepare-ahead: 3\ncloud-identity: [a.example]\nnode-registry: {b.example: "insecure,ca", c.example: }\nbase-resource-type:\n  git: x/git\n  own: {repository: y/own, insecure: true}\n'
    expect(run(text).values).toMatchObject({
      runtime: 'kubernetes', keep: true, keepFor: 7200, prepareAhead: 3, cloudIdentity: ['a.example'],
      nodeRegistry: [{ host: 'b.example', trusts: ['insecure', 'ca'] }, { host: 'c.example', trusts: [] }],
      baseResourceType: [['git', 'x/git'], ['own', { repository: 'y/own', insecure: true }]],
    })
  })

  it('serves every command, which takes what it knows', () => {
    expect(run('port: 9\nkeep: true\ndata: /d\n', 'clean').values).toMatchObject({ data: '/d' })
  })

  it('may be empty', () => {
    expect(run('# nothing\n').values.runtime).toBe('docker')
  })

  it.each([
    ['image_registry: a.example\n', /file-\d+:1:1: there is no setting `image_registry`; did you mean `image-registry`\?$/],
    ['keep: true\nconfig: x\n', /:2:1: a file of settings cannot name another one$/],
    ['- keep\n', /:1:1: a file of settings is a map; write `name: value` lines$/],
    ['a: [\n', /^.*file-\d+:\d+:\d+: /],
    ['keep: true\nkeep: false\n', /:2:1: .*keep/],
    ['\nport: [1]\n', /:2: port: write a single value, neither a list nor a map$/],
    ['cloud-identity: {a.example: 1}\n', /:1: cloud-identity: write a list of HOST$/],
    ['cloud-identity:\n- a.example\n- [b]\n', /:3: cloud-identity: write each entry as text: HOST$/],
    ['cloud-identity:\n- a.example\n- a b\n', /:3: cloud-identity "a b": write it as a registry's host/],
    ['port: "70000"\n', /:1: port "70000": write a whole number between 0 and 65535$/],
  ])('%j is refused', (text, words) => {
    expect(() => run(text, text.includes('port') ? 'web' : 'run')).toThrow(words)
  })

  it('is read up to a mebibyte, and named when it is not there', () => {
    const most = 1024 * 1024
    expect(run(`keep: true\n#${'x'.repeat(most - 12)}`).values.keep).toBe(true)
    expect(() => run(`keep: true\n#${'x'.repeat(most - 11)}`)).toThrow('has 1048577 bytes; a file of settings may have 1048576')
    expect(() => read('run', ['--config', join(folder, 'nope')])).toThrow(/cannot read the file of settings: ENOENT.*nope/)
    expect(() => read('run', [], { AIRSIDE_CONFIG: folder })).toThrow('is not a file')
  })
})

describe('an error about a value', () => {
  it.each([
    [['--output-limit', '1G'], {}, '--output-limit "1G": write a whole number from 1048576'],
    [['--runtime', 'nomad'], {}, '--runtime "nomad": write docker or kubernetes'],
    [[], { AIRSIDE_RUNTIME: 'nomad' }, 'AIRSIDE_RUNTIME "nomad": write docker or kubernetes'],
    [[], { AIRSIDE_ALLOW_PRIVILEGED: 'maybe' }, 'AIRSIDE_ALLOW_PRIVILEGED "maybe": write true or false'],
    [[], { AIRSIDE_KEEP_FOR: '2' }, 'AIRSIDE_KEEP_FOR "2": write a number with a unit'],
    [[], { CONCOURSE_BIND_PORT: 'x' }, 'CONCOURSE_BIND_PORT "x": write a whole number'],
    [[], { AIRSIDE_DATA_FILE: '/nope/data' }, 'AIRSIDE_DATA_FILE: cannot read the file: ENOENT'],
  ])('names its place: %j %j', (args, env, words) => {
    expect(() => read('web', args, env as Record<string, string>)).toThrow(words)
  })

  it('names the file of a variable, which is short and not empty', () => {
    expect(() => read('run', [], { AIRSIDE_RUNTIME_FILE: write('nomad\n') })).toThrow(/file-\d+ \(AIRSIDE_RUNTIME_FILE\) "nomad": write docker/)
    expect(() => read('run', [], { AIRSIDE_ENCRYPTION_KEY_FILE: write('\n') })).toThrow(/^AIRSIDE_ENCRYPTION_KEY_FILE: .*file-\d+ is empty$/)
    expect(read('run', [], { AIRSIDE_ENCRYPTION_KEY_FILE: write('k'.repeat(65_536)) }).values.encryptionKey).toHaveLength(65_536)
    expect(() => read('run', [], { AIRSIDE_ENCRYPTION_KEY_FILE: write('k'.repeat(65_537)) })).toThrow('has more than 65536 bytes')
  })

  it('stands with all others', () => {
    expect(() => read('run', ['--runtime', 'nomad'], { AIRSIDE_PREPARE_AHEAD: '-1' })).toThrow(/--runtime "nomad".*\n.*AIRSIDE_PREPARE_AHEAD "-1"/s)
  })
})

describe('secrets', () => {
  it('on the command line cause a warning, and are shown nowhere', () => {
    const { values, warnings } = read('web', ['--encryption-key', 'key-by-flag', '--postgres', 'postgres://me:pass-by-flag@db/x'])
    expect(values.encryptionKey).toBe('key-by-flag')
    expect(warnings).toEqual(['encryption-key', 'postgres'].map((name) => expect.stringMatching(new RegExp(`^--${name} shows its secret.*${variableOf(name)}_FILE`)) as string))
    expect(secrets.redact(`key-by-flag ${warnings.join()} pass-by-flag`)).not.toMatch(/key-by-flag|pass-by-flag/)
  })

  it('elsewhere cause none, and are learnt', () => {
    expect(read('web', ['--postgres', 'postgres://db/x'], { AIRSIDE_ENCRYPTION_KEY_FILE: write('key-of-a-file\n') }).warnings).toEqual([])
    expect(read('web', ['--config', write('postgres: postgres://me:pass-of-config@db/x')]).warnings).toEqual([])
    expect(secrets.redact('key-of-a-file pass-of-config')).toBe('((redacted)) ((redacted))')
  })

  it('are in no help', () => {
    const command = addSettings(new Command(), 'web')
    expect(command.helpInformation()).not.toMatch(/default: \[\]|default: ""/)
    for (const [name, { secret, default: given }] of Object.entries<Setting>(settings)) if (secret !== undefined) expect({ name, given }).toEqual({ name, given: undefined })
  })

  it('are known by their variables before the table is read', () => {
    const held = Object.entries<Setting>(settings).filter(([, { secret }]) => secret !== undefined)
    const variables = held.flatMap(([name, setting]) => [variableOf(name), ...concourseOf(setting).names.filter((one) => /KEY$|PASSWORD|DUMMY_CREDS_VAR|ADD_LOCAL_USER|CLIENT_SECRET|BIND_PW|TOKEN$|AUTH_PARAM$|OTLP_HEADERS?$/.test(one) && !one.endsWith('CLIENT_KEY'))])
    expect(Object.keys(secretVariables).toSorted()).toEqual(variables.toSorted())
  })
})

describe("Concourse's variables", () => {
  const postgres = (env: Record<string, string>) => read('web', [], Object.fromEntries(Object.entries(env).map(([name, value]) => [`CONCOURSE_POSTGRES_${name}`, value]))).values.postgres ?? ''

  it('of the database make one address', () => {
    expect(new pg.Client(postgres({ USER: 'me', PASSWORD: 'p@/:%', HOST: 'db', PORT: '5433', DATABASE: 'a b', SSLMODE: 'require' }))).toMatchObject({
      user: 'me', password: 'p@/:%', host: 'db', port: 5433, database: 'a b', ssl: { rejectUnauthorized: false },
    })
    expect(new pg.Client(postgres({ SOCKET: '/run/pg', USER: 'me' }))).toMatchObject({ host: '/run/pg', user: 'me', database: 'atc', ssl: false })
    expect(postgres({ PORT: '5433', SSLMODE: 'require' })).toBe('')
    expect(secrets.redact(postgres({ USER: 'me', PASSWORD: 'to/be/encoded' }))).toContain('//me:((redacted))@')
  })

  it('of tracing are those of OpenTelemetry first', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a=b,authorization=Basic x=', OTEL_SERVICE_NAME: 'ci', CONCOURSE_TRACING_SERVICE_NAME: 'web', CONCOURSE_TRACING_ATTRIBUTE: 'env:prod' }
    expect(read('web', [], env).values).toMatchObject({
      tracingOtlpEndpoint: 'http://otel:4318', tracingOtlpHeader: [['a', 'b'], ['authorization', 'Basic x=']], tracingServiceName: 'ci', tracingAttribute: [['env', 'prod']],
    })
    expect(() => read('web', [], { OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4317' })).toThrow(/write it as http:\/\/HOST:4318/)
    expect(read('web', []).values.tracingOtlpEndpoint).toBeUndefined()
  })

  it('are listed once at the start of a server: those taken, and those without meaning', () => {
    const env = { CONCOURSE_EXTERNAL_URL: 'https://ci.example/', CONCOURSE_TSA_HOST: 'x', CONCOURSE_BIND_PORT: '1', AIRSIDE_PORT: '2' }
    expect(read('web', [], env)).toMatchObject({
      values: { externalUrl: 'https://ci.example', port: 2 },
      warnings: ["taken from Concourse's settings: CONCOURSE_EXTERNAL_URL", 'no setting here means the same as CONCOURSE_TSA_HOST'],
    })
    expect(read('run', [], env).warnings).toEqual([])
  })
})

test('a flag for another runtime, and a variable with a slip, cause a warning', () => {
  expect(read('run', ['--namespace', 'ci']).warnings).toEqual(['--namespace has no effect: it is for --runtime kubernetes'])
  expect(read('run', ['--namespace', 'ci', '--runtime', 'kubernetes']).warnings).toEqual([])
  expect(read('run', [], { AIRSIDE_NAMESPACE: 'ci' }).warnings).toEqual([])
  expect(read('run', [], { AIRSIDE_IMAGE_REGISTY: 'x', AIRSIDE_CONFIG_FILE: 'y', AIRSIDE_DEBUG: '1', AIRSIDE_TEST_CACHE: 'z' }).warnings).toEqual([
    'AIRSIDE_IMAGE_REGISTY is no setting and has no effect; did you mean AIRSIDE_IMAGE_REGISTRY?',
    'AIRSIDE_CONFIG_FILE is no setting and has no effect; did you mean AIRSIDE_CONFIG?',
  ])
})

test('every entry of the table is whole', () => {
  expect(resolve(Object.entries<Setting>(settings), []).problems).toEqual([])
  for (const [name, { summary, runtime, group }] of Object.entries<Setting>(settings)) {
    expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
    // AIRSIDE_X_FILE would be two settings' variable.
    expect(name).not.toMatch(/-file$/)
    expect(summary, name).not.toMatch(/\.$|\n/)
    if (group === 'Kubernetes') expect({ name, runtime }).toEqual({ name, runtime: 'kubernetes' })
  }
})
