import { Command } from '../../parts/Notice.tsx'
import { Heading } from '../../shell/Heading.tsx'
import css from './DownloadFlyPage.module.css'

/** As fly is built; where the server has none for a platform, its answer says where to get it. */
const programs = [
  ['Linux, x86-64', 'linux', 'amd64'],
  ['Linux, ARM', 'linux', 'arm64'],
  ['macOS, Intel', 'darwin', 'amd64'],
  ['macOS, Apple silicon', 'darwin', 'arm64'],
  ['Windows, x86-64', 'windows', 'amd64'],
] as const

/** fly as the server has it, and how it logs in here. */
export default function DownloadFlyPage(): preact.JSX.Element {
  return (
    <section class={css.page}>
      <Heading title="Download fly">Download fly</Heading>
      <p>The command line of Concourse, which talks to this server as it is:</p>
      <ul>
        {programs.map(([name, platform, arch]) => (
          <li key={name}>
            <a href={`/api/v1/cli?${new URLSearchParams({ arch, platform })}`}>{name}</a>
          </li>
        ))}
      </ul>
      <p>Then log in:</p>
      <Command>{`fly -t ci login -c ${location.origin}`}</Command>
    </section>
  )
}
