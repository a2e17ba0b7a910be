import type { BuildConfig } from '../../api/types.ts'
import { href } from '../../store/navigation.ts'
import type { JobNow } from '../../store/job-actions.ts'

export interface ConfigLinkProps {
  readonly inJob: JobNow
  readonly config: BuildConfig | undefined
}

/** Leads to the config that the build ran with, at its job; where that is not known, to the current config. */
export function ConfigLink({ inJob: { id, job }, config }: ConfigLinkProps): preact.JSX.Element {
  const { text, title } = wordsOf(config)
  return (
    <a class="button" href={href({ page: 'pipeline-config', id, ...(config && { version: config.version }), job })} title={title}>
      {text}
    </a>
  )
}

function wordsOf(config: BuildConfig | undefined): { readonly text: string; readonly title: string } {
  switch (config?.state) {
    case undefined:
      return { text: 'Config', title: 'The pipeline’s config as it is set now, at this job' }
    case 'current':
      return { text: 'Config', title: 'The config that this build ran with, at this job: the pipeline has it now, too' }
    case 'older':
      return { text: 'Config (older)', title: 'The config that this build ran with, at this job. The pipeline was set again since.' }
    case 'gone':
      return { text: 'Config (not kept)', title: 'The config of this build is no longer kept. This leads to the current one.' }
  }
}
