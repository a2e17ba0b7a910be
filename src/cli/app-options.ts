import type { AppOptions, ImageOptions, RuntimeOptions } from '../app/options.ts'
import { defaultBaseTypes } from '../app/options.ts'
import type { Log } from '../lib/log.ts'
import type { BuildSettings } from './settings/table.ts'
import { credentialOptions } from './credential-options.ts'
import { secrets } from './terminal.ts'

export function appOptions(settings: BuildSettings, log: Log, progress: (line: string) => void): AppOptions {
  return {
    data: settings.data,
    ...given({ encryptionKey: settings.encryptionKey, baseTypePrefix: settings.baseResourceTypePrefix, outputLimit: settings.outputLimit }),
    runtime: runtimeOptions(settings),
    externalUrl: settings.externalUrl ?? '',
    baseTypes: new Map(settings.baseResourceType),
    images: imageOptions(settings),
    ...(settings.imagePolicyUrl && { imagePolicy: { url: settings.imagePolicyUrl, timeoutMs: settings.imagePolicyTimeout * 1000 } }),
    ...(settings.opaUrl && { policy: policyOptions(settings, settings.opaUrl) }),
    prepareAhead: settings.prepareAhead,
    allowPrivileged: settings.allowPrivileged,
    // Runs of one data folder share what they find; servers have a setting.
    globalResources: true,
    nativeImageFetch: settings.nativeImageFetch,
    credentials: credentialOptions(settings),
    supervisor: given({ spoolBytes: settings.supervisorSpool, idleSeconds: settings.supervisorIdle, keepSeconds: settings.supervisorKeep }),
    secrets,
    log,
    progress,
  }
}

/** Names of all base types: built in and given. */
export function baseTypeNames({ baseResourceType }: BuildSettings): string[] {
  return [...new Set([...defaultBaseTypes.keys(), ...baseResourceType.map(([name]) => name)])]
}

function policyOptions({ opaTimeout, policyAction, policyActionSkip, policyHttpMethod }: BuildSettings, url: URL): NonNullable<AppOptions['policy']> {
  return { url, timeoutMs: opaTimeout * 1000, filter: { actions: policyAction, skipped: policyActionSkip, methods: policyHttpMethod } }
}

function imageOptions({ imageCheck, nodeRegistry, registryTrust, cloudIdentity, registryMirror }: BuildSettings): ImageOptions {
  return {
    check: imageCheck,
    nodeRegistries: nodeRegistry,
    ...(registryTrust.length > 0 && { registryTrust }),
    cloudIdentity,
    ...given({ registryMirror }),
  }
}

function runtimeOptions(settings: BuildSettings): RuntimeOptions {
  if (settings.runtime === 'docker') return { kind: 'docker', ...given({ transport: settings.engineTransport }), userNamespaces: settings.userNamespaces, tags: settings.tag.includes('all') ? 'all' : settings.tag }
  const { transport, delivery, tagLabel, restrictedUid, kubeconfig, context, namespace, supervisorImage, serviceAccount, homeAddress, imageRegistry, warmSandboxes } = settings
  return {
    kind: 'kubernetes',
    transport,
    delivery,
    tagLabel,
    warmSandboxes,
    isolation: restrictedUid === undefined ? { mode: 'baseline' } : { mode: 'restricted', uid: restrictedUid },
    ...given({ kubeconfig, context, namespace, supervisorImage, serviceAccount, home: homeAddress, imageRegistry }),
  }
}

/** The properties that have a value. */
function given<T extends object>(properties: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: Exclude<T[Key], undefined> }
}
