// Pages that people open seldom, in one file: each alone is small, and packs worse.
export { default as AccountPage } from './account/AccountPage.tsx'
export { default as AdminPage } from './admin/AdminPage.tsx'
export { default as BuildsPage } from './builds/BuildsPage.tsx'
export { default as DownloadFlyPage } from './download-fly/DownloadFlyPage.tsx'
export { default as NotFoundPage } from './not-found/NotFoundPage.tsx'
export { default as TeamPage } from './team/TeamPage.tsx'
