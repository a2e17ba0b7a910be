import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messagePage } from '../auth/browser/pages/message-pages.ts'
import { render } from '../auth/browser/pages/page.ts'
import { takesEncoding } from './events/gzip.ts'
import type { WebAsset, WebAssets } from './web-assets.ts'

const pipeline = '/teams/:team/pipelines/:pipeline'
/** Paths of the UI's pages, Concourse's first: each is index.html, whose script reads the path. */
const uiPaths = [
  '/',
  '/hd',
  pipeline,
  `${pipeline}/jobs/:job`,
  `${pipeline}/jobs/:job/builds/:build`,
  `${pipeline}/resources/:resource`,
  `${pipeline}/resources/:resource/causality/:version/:direction`,
  '/builds/:build',
  '/download-fly',
  '/builds',
  `${pipeline}/config`,
  '/teams/:team',
  '/account',
  '/admin',
]

/** What a page of the UI may do. Trusted Types: the one policy is for the URL of the log's worker. */
const policyWith = (styles: string, imageHosts: readonly string[] = []): string =>
  [
    "default-src 'none'", "script-src 'self'", `style-src ${styles}`, ["img-src 'self' data:", ...imageHosts].join(' '), "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", 'trusted-types airside-worker',
  ].join('; ')
const strict = policyWith("'self'")
/** xterm writes its own styles: its document alone has this. */
const ofTerminal = policyWith("'self' 'unsafe-inline'")

/** Serves the UI, the same to everybody: what people may see they ask the API for. */
export function mountWeb(app: FastifyInstance, assets: WebAssets | undefined, imageHosts: readonly string[] = []): void {
  const ofPages = policyWith("'self'", imageHosts)
  const documents = [...uiPaths.map((path) => [path, 'index.html', ofPages] as const), ['/terminal', 'terminal.html', ofTerminal] as const]
  for (const [path, name, policy] of documents) {
    const asset = assets?.files.get(name)
    app.get(path, (request, reply) => (asset === undefined ? notBuilt(reply) : send(request, reply, asset, { policy, cache: 'no-cache' })))
  }
  app.get<{ Params: { set: string; name: string } }>('/assets/icon/:set/:name', async ({ params }, reply) => {
    const d = await assets?.icons(params.set, params.name)
    void reply.headers({ 'Content-Security-Policy': strict, 'Cross-Origin-Resource-Policy': 'same-origin' })
    // A later version of the server may have an icon of this name.
    if (d === undefined) return reply.header('Cache-Control', 'public, max-age=3600').code(204).send()
    return reply.headers({ 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=31536000, immutable' }).send(Buffer.from(JSON.stringify({ d })))
  })
  for (const [name, asset] of assets?.files ?? []) {
    if (name.endsWith('.html')) continue
    // vite puts a hash of its content into the name of each file of assets/.
    const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
    app.get(`/${name}`, (request, reply) => send(request, reply, asset, { policy: strict, cache }))
  }
}

function send({ headers }: FastifyRequest, reply: FastifyReply, { type, bytes, br, gzip, etag }: WebAsset, { policy, cache }: { readonly policy: string; readonly cache: string }): FastifyReply {
  void reply.headers({ 'Content-Type': type, 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': cache, ETag: etag, Vary: 'Accept-Encoding' })
  if (headers['if-none-match'] === etag) return reply.code(304).send()
  const accepted = headers['accept-encoding']
  if (br !== undefined && takesEncoding(accepted, 'br')) return reply.header('Content-Encoding', 'br').send(br)
  if (gzip !== undefined && takesEncoding(accepted, 'gzip')) return reply.header('Content-Encoding', 'gzip').send(gzip)
  return reply.send(bytes)
}

function notBuilt(reply: FastifyReply): FastifyReply {
  const { headers, body } = render(messagePage('The web UI is not built', 'This server has no web/dist: run npm run setup where it is installed, and start it again. fly and airside work without.'))
  return reply.code(503).headers(headers).send(Buffer.from(body))
}
