import type { ComponentType } from 'preact'
import type { PageName, Route } from '../routes/route.ts'

/** What a page is given: its route, and nothing else. */
export interface PageProps<Name extends PageName> {
  readonly route: Extract<Route, { page: Name }>
}

type Load<Name extends PageName> = () => Promise<{ readonly default: ComponentType<PageProps<Name>> }>

/** The pages that there are; each is loaded when it is first opened. */
export const pages: { readonly [Name in PageName]?: Load<Name> } = {
  dashboard: () => import('./dashboard/DashboardPage.tsx'),
  job: () => import('./job/JobPage.tsx'),
  pipeline: () => import('./pipeline/PipelinePage.tsx'),
  'pipeline-config': () => import('./config/ConfigPage.tsx'),
  resource: () => import('./resource/ResourcePage.tsx'),
  build: () => import('./build/BuildPage.tsx'),
  'job-build': () => import('./build/BuildPage.tsx'),
  account: () => import('./account/AccountPage.tsx'),
  team: () => import('./team/TeamPage.tsx'),
  admin: () => import('./admin/AdminPage.tsx'),
  builds: () => import('./builds/BuildsPage.tsx'),
  'not-found': () => import('./not-found/NotFoundPage.tsx'),
}
