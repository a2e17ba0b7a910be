import { Option, type Command } from 'commander'
import { dataFolder } from '../app/folders.ts'
import type { AppOptions, ImageOptions, ImageRegistry, RuntimeOptions } from '../app/options.ts'
import { defaultBaseTypes } from '../app/options.ts'
import { parseRegistryPrefix } from '../images/artifact/destination.ts'
import { domainProblem } from '../images/reference/grammar.ts'
import { parseNodeRegistry } from '../images/reference/node-registries.ts'
import { parseReference } from '../images/reference/reference.ts'
import { durationHint, parseDuration } from '../lib/duration.ts'
import type { Log } from '../lib/log.ts'
import type { BaseTypeImage } from '../model/image.ts'
import { parseBaseType } from './base-types.ts'
import { CommandError } from './exit.ts'
import { addRegistryTrustFlag, registryTrusts } from './registry-trust.ts'
import { secrets } from './terminal.ts'

/** Flags of every command that runs steps. */
export interface RuntimeFlags {
  readonly data: string
  readonly encryptionKey?: string
  readonly runtime: 'docker' | 'kubernetes'
  readonly engineTransport?: 'socket' | 'exec'
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
  readonly supervisorImage?: string
  readonly transport: 'auto' | 'home' | 'tunnel'
  readonly delivery: 'auto' | 'image-volume' | 'helper-container'
  readonly restrictedUid?: number
  readonly homeAddress?: string
  readonly serviceAccount?: string
  readonly imageRegistry?: string
  readonly baseResourceType: readonly string[]
  readonly baseResourceTypePrefix?: string
  readonly imageCheck: 'server' | 'node'
  readonly nodeRegistry: readonly string[]
  readonly registryTrust: readonly string[]
  readonly registryMirror?: string
  readonly cloudIdentity: readonly string[]
  readonly imagePolicyUrl?: string
  readonly imagePolicyTimeout?: number
  readonly prepareAhead: number
  readonly allowPrivileged?: boolean
  readonly nativeImageFetch: boolean
  readonly keep?: boolean
  readonly keepFor?: number
  readonly outputLimit?: number
  readonly supervisorSpool?: number
  readonly supervisorIdle?: number
  readonly supervisorKeep?: number
  readonly externalUrl: string
}

const defaultKeepSeconds = 3600
const defaultPolicySeconds = 5

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value]

function integer(name: string, least: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < least) throw new CommandError(`${name} takes a whole number from ${least}, not "${value}"`)
    return number
  }
}

function seconds(name: string): (value: string) => number {
  return (value) => {
    const ms = parseDuration(value)
    if (ms === undefined || ms < 1000) throw new CommandError(`${name} "${value}": ${durationHint}`)
    return Math.round(ms / 1000)
  }
}

export function addRuntimeFlags(command: Command): Command {
  return addRegistryTrustFlag(command)
    .option('--data <DIR>', 'where databases, artifacts and keys are kept', dataFolder())
    .option('--encryption-key <TEXT>', 'key for what is stored encrypted (default: a file beside the data); $AIRSIDE_ENCRYPTION_KEY', process.env['AIRSIDE_ENCRYPTION_KEY'])
    .addOption(new Option('--runtime <NAME>', 'what runs the steps').choices(['docker', 'kubernetes']).default('docker'))
    .addOption(new Option('--engine-transport <WAY>', 'docker: how containers are spoken to (default: found out)').choices(['socket', 'exec']))
    .option('--kubeconfig <FILE>', 'kubernetes: default as kubectl has it')
    .option('--context <NAME>', 'kubernetes: context of the kubeconfig')
    .option('--namespace <NAME>', "kubernetes: where steps' pods are made (default: the context's)")
    .option('--supervisor-image <REF>', 'kubernetes: made by `airside supervisor push`; $AIRSIDE_SUPERVISOR_IMAGE', process.env['AIRSIDE_SUPERVISOR_IMAGE'])
    .addOption(new Option('--transport <WAY>', 'kubernetes: pods dial home, or are dialled through the API').choices(['auto', 'home', 'tunnel']).default('auto'))
    .addOption(new Option('--delivery <WAY>', 'kubernetes: how the supervisor gets into a pod').choices(['auto', 'image-volume', 'helper-container']).default('auto'))
    .option('--restricted-uid <UID>', 'kubernetes: the namespace enforces the restricted Pod Security standard; steps run as this user', integer('--restricted-uid', 1))
    .option('--home-address <HOST:PORT>', 'kubernetes: where pods can reach this process (default: they are reached through the API)')
    .option('--service-account <NAME>', "kubernetes: account of steps' pods (default: airside-step)")
    .option('--image-registry <HOST/PREFIX>', "kubernetes: where images that steps make or fetch are put for the nodes (HOST/PREFIX/airside-artifact), with docker's credentials; $AIRSIDE_IMAGE_REGISTRY", process.env['AIRSIDE_IMAGE_REGISTRY'])
    .option('--base-resource-type <NAME=IMAGE>', 'another image for a base resource type, or a new base type; NAME={repository: IMAGE, insecure: true, …} takes all keys of a registry-image source (repeatable)', collect, [])
    .option('--base-resource-type-prefix <PREFIX>', 'put before the built-in images of base resource types: registry.example/mirror')
    .option('--registry-mirror <HOST>', 'ask and pull from this registry instead of Docker Hub, which is asked for what it lacks (http://HOST: without TLS); $AIRSIDE_REGISTRY_MIRROR', process.env['AIRSIDE_REGISTRY_MIRROR'])
    .option('--node-registry <HOST[=HOW]>', 'what all nodes can pull from: HOW is some of insecure,ca,mirror,credentials; images whose source asks for more are fetched by get steps (repeatable; default: all are pulled)', collect, [])
    .addOption(new Option('--image-check <WHO>', "who finds out what a tag means where this server cannot reach the registry: nobody, or the node that pulls the image").choices(['server', 'node']).default('server'))
    .option('--cloud-identity <HOST>', "use this machine's own identity for a source with aws_region or azure_acr at this registry (*.azurecr.io; repeatable; default: none)", collect, [])
    .option('--image-policy-url <URL>', "ask this policy server (Open Policy Agent's data API, as Concourse asks it) about every image that a step uses; without its answer none may be used; $AIRSIDE_IMAGE_POLICY_URL", process.env['AIRSIDE_IMAGE_POLICY_URL'])
    .option('--image-policy-timeout <DURATION>', 'how long its answer is waited for (default: 5s)', seconds('--image-policy-timeout'))
    .option('--prepare-ahead <N>', 'how many steps ahead containers are made ready; 0: none', integer('--prepare-ahead', 0), 1)
    .option('--allow-privileged', 'run steps and resource types with privileged: true, of any pipeline: they are root on the machine or node (default: they are refused)')
    .option('--no-native-image-fetch', 'fetch images by get steps, as Concourse does')
    .option('--keep', 'leave the containers of steps that did not succeed, for airside intercept')
    .option('--keep-for <DURATION>', 'how long they stay (at most 20 of them), then they end by themselves (default: 1h); implies --keep', seconds('--keep-for'))
    .option('--output-limit <BYTES>', 'how large an output or cache of a step may be, holes of sparse files included (default: 64 GiB)', integer('--output-limit', 1_048_576))
    .option('--supervisor-spool <BYTES>', 'how much output may wait in a container for the server, before its process waits too (default: 1 GiB)', integer('--supervisor-spool', 65_536))
    .option('--supervisor-idle <SECONDS>', 'a prepared container that no server has spoken to for so long ends (default: 600)', integer('--supervisor-idle', 1))
    .option('--supervisor-keep <SECONDS>', 'a finished step that no server has heard of keeps its result for so long (default: 86400)', integer('--supervisor-keep', 1))
    .option('--external-url <URL>', 'what steps see as ATC_EXTERNAL_URL', '')
}

export function appOptions(flags: RuntimeFlags, log: Log, progress: (line: string) => void): AppOptions {
  return {
    data: flags.data,
    ...(flags.encryptionKey !== undefined && { encryptionKey: flags.encryptionKey }),
    runtime: runtimeOptions(flags),
    externalUrl: flags.externalUrl.replace(/\/+$/, ''),
    baseTypes: baseTypes(flags),
    ...(flags.baseResourceTypePrefix !== undefined && { baseTypePrefix: baseTypePrefix(flags.baseResourceTypePrefix) }),
    images: imageOptions(flags),
    ...(flags.imagePolicyUrl && { imagePolicy: { url: policyUrl(flags.imagePolicyUrl), timeoutMs: (flags.imagePolicyTimeout ?? defaultPolicySeconds) * 1000 } }),
    prepareAhead: flags.prepareAhead,
    allowPrivileged: flags.allowPrivileged ?? false,
    nativeImageFetch: flags.nativeImageFetch,
    ...((flags.keep === true || flags.keepFor !== undefined) && { keepSeconds: flags.keepFor ?? defaultKeepSeconds }),
    ...(flags.outputLimit !== undefined && { outputLimit: flags.outputLimit }),
    supervisor: {
      ...(flags.supervisorSpool !== undefined && { spoolBytes: flags.supervisorSpool }),
      ...(flags.supervisorIdle !== undefined && { idleSeconds: flags.supervisorIdle }),
      ...(flags.supervisorKeep !== undefined && { keepSeconds: flags.supervisorKeep }),
    },
    secrets,
    log,
    progress,
  }
}

/** Names of all base types: built in and given. */
export function baseTypeNames(flags: RuntimeFlags): string[] {
  return [...new Set([...defaultBaseTypes.keys(), ...baseTypes(flags).keys()])]
}

function baseTypePrefix(text: string): string {
  const prefix = text.replace(/\/+$/, '')
  const parsed = parseReference(`${prefix}/x`)
  if (!parsed.ok) throw new CommandError(`--base-resource-type-prefix "${text}": ${parsed.error.detail}`)
  return prefix
}

function imageOptions(flags: RuntimeFlags): ImageOptions {
  return {
    check: flags.imageCheck,
    nodeRegistries: flags.nodeRegistry.map((text) => {
      const parsed = parseNodeRegistry(text)
      if (!parsed.ok) throw new CommandError(`--node-registry "${text}": ${parsed.error}`)
      return parsed.value
    }),
    ...(flags.registryTrust.length > 0 && { registryTrust: registryTrusts(flags.registryTrust) }),
    cloudIdentity: flags.cloudIdentity.map((host) => {
      const parsed = parseNodeRegistry(host)
      if (!parsed.ok || host.includes('=')) throw new CommandError(`--cloud-identity "${host}": write it as a registry's host, such as *.azurecr.io`)
      return parsed.value.host
    }),
    ...(flags.registryMirror && { registryMirror: registryMirror(flags.registryMirror) }),
  }
}

function policyUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new CommandError('--image-policy-url: write it as http://HOST/v1/data/PACKAGE/RULE')
  if (url.username !== '' || url.password !== '') throw new CommandError('--image-policy-url: a user and a password are not sent; leave them out')
  return url
}

function registryMirror(text: string): { registry: string; insecure: boolean } {
  const registry = text.replace(/^https?:\/\//, '').replace(/\/$/, '')
  if (domainProblem(registry) !== undefined) throw new CommandError(`--registry-mirror "${text}": write it as HOST, HOST:PORT or http://HOST:PORT`)
  return { registry: registry.toLowerCase(), insecure: text.startsWith('http://') }
}

const baseTypes = (flags: RuntimeFlags): ReadonlyMap<string, BaseTypeImage> => new Map(flags.baseResourceType.map(parseBaseType))

function runtimeOptions(flags: RuntimeFlags): RuntimeOptions {
  if (flags.runtime === 'docker') return { kind: 'docker', ...(flags.engineTransport && { transport: flags.engineTransport }) }
  return {
    kind: 'kubernetes',
    transport: flags.transport,
    delivery: flags.delivery,
    isolation: flags.restrictedUid === undefined ? { mode: 'baseline' } : { mode: 'restricted', uid: flags.restrictedUid },
    ...(flags.kubeconfig !== undefined && { kubeconfig: flags.kubeconfig }),
    ...(flags.context !== undefined && { context: flags.context }),
    ...(flags.namespace !== undefined && { namespace: flags.namespace }),
    ...(flags.supervisorImage !== undefined && { supervisorImage: flags.supervisorImage }),
    ...(flags.serviceAccount !== undefined && { serviceAccount: flags.serviceAccount }),
    ...(flags.homeAddress !== undefined && { home: homeAddress(flags.homeAddress) }),
    ...(flags.imageRegistry && { imageRegistry: imageRegistry(flags.imageRegistry) }),
  }
}

function imageRegistry(text: string): ImageRegistry {
  const parsed = parseRegistryPrefix(text)
  if (!parsed.ok) throw new CommandError(`--image-registry "${text}": ${parsed.error}`)
  return { kind: 'remote', ...parsed.value }
}

function homeAddress(text: string): { host: string; port: number } {
  const parts = /^(\[[0-9a-fA-F:]+\]|[^:]+)(?::(\d+))?$/.exec(text)
  if (parts === null) throw new CommandError(`--home-address "${text}": write it as HOST or HOST:PORT`)
  return { host: parts[1] ?? text, port: Number(parts[2] ?? 0) }
}
