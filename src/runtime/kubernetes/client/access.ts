import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Agent as HttpAgent } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { KubeConfig, type Cluster } from '@kubernetes/client-node'
import { Agent, type Dispatcher, type buildConnector } from 'undici'

/** Address and credentials of an API server, including exec plugins, token files and in-cluster accounts. */
export interface ClusterAccess {
  /** `https://host:port`, a path prefix included, no slash at the end. */
  readonly server: string
  /** For people: the kubeconfig's context, or `in-cluster`. */
  readonly context: string
  /** The context's own namespace. */
  readonly namespace: string | undefined
  /** Headers and connections to use for one request. */
  credentials(): Promise<Credentials>
  /** The API server said 401: reads the configuration anew, so that cached tokens are forgotten. */
  renew(): void
  close(): Promise<void>
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher
  /** For WebSockets, which undici does not carry. */
  readonly agent: HttpAgent
  readonly tls: ConnectionOptions
}

export interface AccessOptions {
  /** Path of a kubeconfig; absent: KUBECONFIG, ~/.kube/config, then the pod's own account. */
  readonly kubeconfig?: string
  /** The account of the pod that this process runs in, whatever kubeconfig there is. */
  readonly inCluster?: true
  /** Absent: the kubeconfig's current one. */
  readonly context?: string
}

/** Throws when there is no such file, context or cluster. Reads nothing from the network. */
export function loadAccess(options: AccessOptions = {}): ClusterAccess {
  let config = loadConfig(options)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error(`the kubeconfig names no cluster for its context ${JSON.stringify(config.currentContext)}`)
  let pool: { key: string; dispatcher: Dispatcher } | undefined

  return {
    server: cluster.server.replace(/\/+$/, ''),
    context: config.currentContext === 'inClusterContext' ? 'in-cluster' : config.currentContext,
    namespace: config.getContextObject(config.currentContext)?.namespace,
    async credentials() {
      const request: RequestOptions = { headers: {} }
      await config.applyToHTTPSOptions(request)
      const tls = tlsOf(request)
      const key = fingerprint(tls)
      // Certificates are renewed now and then (exec plugins): connections made with the old ones finish on their own.
      if (pool?.key !== key) pool = { key, dispatcher: await connections(config, cluster, tls) }
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = String(value)
      if (typeof request.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(request.auth).toString('base64')}`
      return { headers, dispatcher: pool.dispatcher, agent: request.agent as HttpAgent, tls }
    },
    renew() {
      config = loadConfig(options)
    },
    async close() {
      const { dispatcher } = pool ?? {}
      pool = undefined
      await dispatcher?.destroy()
    },
  }
}

function loadConfig(options: AccessOptions): KubeConfig {
  const config = new KubeConfig()
  if (options.inCluster) {
    readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token') // its own error says that there is no account
    config.loadFromCluster()
  } else if (options.kubeconfig !== undefined) {
    readFileSync(options.kubeconfig) // its own error says which file
    config.loadFromFile(options.kubeconfig)
  } else {
    config.loadFromDefault()
  }
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) throw new Error(`the kubeconfig has no context ${JSON.stringify(options.context)}`)
    config.setCurrentContext(options.context)
  }
  // The kubeconfig names plain http, which is the operator's decision; the library wants it confirmed.
  config.clusters = config.clusters.map((one) => (one.server.startsWith('http:') ? { ...one, skipTLSVerify: true } : one))
  return config
}

function tlsOf(request: RequestOptions): ConnectionOptions {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = request
  return Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined),
  )
}

const fingerprint = (tls: ConnectionOptions): string => createHash('sha256').update(JSON.stringify(tls)).digest('hex')

async function connections(config: KubeConfig, cluster: Cluster, tls: ConnectionOptions): Promise<Dispatcher> {
  if (cluster.proxyUrl !== undefined) {
    let proxied: Dispatcher | undefined
    const context = { setHeaderParam: () => {}, setDispatcher: (dispatcher: Dispatcher) => (proxied = dispatcher) }
    await config.applySecurityAuthentication(context as unknown as Parameters<KubeConfig['applySecurityAuthentication']>[0])
    if (proxied !== undefined) return proxied
  }
  // No limit on connections: a hundred pods are created at the same time without waiting for one another.
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 15_000, timeout: 10_000 } as buildConnector.BuildOptions
  return new Agent({ connect, keepAliveTimeout: 55_000, pipelining: 1 })
}
