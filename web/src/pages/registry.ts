import type { ComponentType } from 'preact'
import type { PageName, Route } from '../routes/route.ts'
import DashboardPage from './dashboard/DashboardPage.tsx'

/** What a page is given: its route, and nothing else. */
export interface PageProps<Name extends PageName> {
  readonly route: Extract<Route, { page: Name }>
}

type Load<Name extends PageName> = () => Promise<{ readonly default: ComponentType<PageProps<Name>> }>

/** The pages that there are; each but the first is loaded when it is first opened. */
export const pages: { readonly [Name in PageName]?: Load<Name> } = {
  // With the first script, so that the first page is one request less deep, and its parts are not a request each.
  dashboard: () => Promise.resolve({ default: DashboardPage }),
  job: () => import('./job/JobPage.tsx'),
  pipeline: () => import('./pipeline/PipelinePage.tsx'),
  'pipeline-config': () => import('./config/ConfigPage.tsx'),
  resource: () => import('./resource/ResourcePage.tsx'),
  causality: () => import('./causality/CausalityPage.tsx'),
  build: () => import('./build/BuildPage.tsx'),
  'job-build': () => import('./build/BuildPage.tsx'),
  account: () => import('./account/AccountPage.tsx'),
  team: () => import('./team/TeamPage.tsx'),
  admin: () => import('./admin/AdminPage.tsx'),
  'download-fly': () => import('./download-fly/DownloadFlyPage.tsx'),
  builds: () => import('./builds/BuildsPage.tsx'),
  'not-found': () => import('./not-found/NotFoundPage.tsx'),
}
