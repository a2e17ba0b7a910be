import type { ComponentType } from 'preact'
import type { PageName, Route } from '../routes/route.ts'
import DashboardPage from './dashboard/DashboardPage.tsx'

/** What a page is given: its route, and nothing else. */
export interface PageProps<Name extends PageName> {
  readonly route: Extract<Route, { page: Name }>
}

type Load<Name extends PageName> = () => Promise<{ readonly default: ComponentType<PageProps<Name>> }>

/** A page, and at the same time the file that most pages share, which would be asked for one answer later if a page's own imports named it first. */
function withShared<Page>(page: Promise<Page>): Promise<Page> {
  // A page that needs it says why it could not be loaded.
  import('../parts/Panel.tsx').catch(() => undefined)
  return page
}

const seldom = () => withShared(import('./seldom.ts'))
const drawn = () => withShared(import('./drawn.ts'))
const build = () => withShared(import('./build/BuildPage.tsx'))

/** The pages that there are; each but the first is loaded when it is first opened. */
export const pages: { readonly [Name in PageName]?: Load<Name> } = {
  // With the first script, so that the first page is one request less deep, and its parts are not a request each.
  dashboard: () => Promise.resolve({ default: DashboardPage }),
  job: () => withShared(import('./job/JobPage.tsx')),
  pipeline: async () => ({ default: (await drawn()).PipelinePage }),
  'pipeline-config': () => withShared(import('./config/ConfigPage.tsx')),
  resource: () => withShared(import('./resource/ResourcePage.tsx')),
  causality: async () => ({ default: (await drawn()).CausalityPage }),
  build,
  'job-build': build,
  account: async () => ({ default: (await seldom()).AccountPage }),
  team: async () => ({ default: (await seldom()).TeamPage }),
  admin: async () => ({ default: (await seldom()).AdminPage }),
  'download-fly': async () => ({ default: (await seldom()).DownloadFlyPage }),
  builds: async () => ({ default: (await seldom()).BuildsPage }),
  'not-found': async () => ({ default: (await seldom()).NotFoundPage }),
}
