import { parseNodeRegistry } from '../../../images/reference/node-registries.ts'
import { parseCloudHost, parseMirror, parsePolicyUrl, parseTypePrefix } from '../addresses.ts'
import { parseBaseType, showBaseType } from '../base-type.ts'
import { readRegistryTrust } from '../registry-trust.ts'
import type { Setting } from '../setting.ts'
import { choice, hidden, list, one, onOff, pairs, seconds, text } from '../types.ts'
import { builds } from './runtime.ts'

export const images = {
  'base-resource-type': {
    group: 'Images', commands: builds, type: pairs('NAME=IMAGE', parseBaseType, showBaseType),
    summary: 'another image for a base resource type, or a new base type',
    details: '`NAME={repository: IMAGE, insecure: true, …}` takes all keys of a registry-image source.',
  },
  'base-resource-type-prefix': {
    group: 'Images', commands: builds, type: one('PREFIX', parseTypePrefix),
    summary: "prefix of the base resource types' own images",
    details: '`registry.example/mirror` makes `registry.example/mirror/concourse/git-resource` of `concourse/git-resource`. Images of `base-resource-type` stay as they are.',
  },
  'registry-mirror': {
    group: 'Images', commands: [...builds, 'server push'], type: one('HOST', parseMirror),
    summary: 'registry to ask and pull from instead of Docker Hub',
    details: 'Docker Hub is asked for what it lacks. `http://HOST` is spoken to without TLS.',
  },
  'registry-trust': {
    group: 'Images', commands: [...builds, 'clean', 'supervisor push', 'server push'], type: pairs('HOST=HOW', readRegistryTrust),
    summary: 'how a registry is spoken to: HOST=insecure or HOST=ca:FILE',
    details: "`insecure` is TLS that is not verified, or plain HTTP; `ca:FILE` names certificates in PEM form. docker's credentials go over such connections only where this says so, whatever a source says.",
  },
  'base-image': {
    group: 'Images', commands: ['server push'], type: text('IMAGE'), default: 'docker.io/library/node:24-trixie-slim',
    summary: "what the server's image is built on",
    details: 'An image with Node 24 (`node` on its PATH) and a shell.',
  },
  'node-registry': {
    group: 'Images', commands: builds, type: pairs('HOST[=HOW]', parseNodeRegistry), otherwise: 'everything',
    summary: 'what nodes can pull, and how',
    details: 'HOW is some of `insecure,ca,mirror,credentials`: what every node is set up for with this registry. Images whose source asks for more are fetched by get steps.',
  },
  'native-image-fetch': {
    group: 'Images', commands: builds, type: onOff, default: 'true',
    summary: 'fetch images by get steps, as Concourse does',
    details: 'Let the runtime pull images. When it is false, get steps fetch them, as Concourse does.',
  },
  'image-check': {
    group: 'Images', commands: builds, type: choice('WHO', ['server', 'node']), default: 'server',
    summary: 'who resolves tags: server or node',
    details: 'Where this server cannot reach the registry, `server` makes the step an error and `node` lets the node that pulls the image find what its tag means.',
  },
  'cloud-identity': {
    group: 'Images', commands: builds, type: list('HOST', parseCloudHost),
    summary: "registries that may see this machine's cloud identity",
    details: 'It is used for sources with `aws_region` or `azure_acr` at these registries, such as `*.azurecr.io`.',
  },
  'image-policy-url': {
    group: 'Images', commands: builds, type: one('URL', parsePolicyUrl, hidden),
    summary: 'policy server that is asked about every image',
    details: "Open Policy Agent's data API, `http://HOST/v1/data/PACKAGE/RULE`, asked as Concourse asks it. Without its answer no image may be used; without this setting every image may.",
  },
  'image-policy-timeout': {
    group: 'Images', commands: builds, type: seconds, default: '5s',
    summary: "how long an image policy's answer is waited for",
  },
} as const satisfies Readonly<Record<string, Setting>>
