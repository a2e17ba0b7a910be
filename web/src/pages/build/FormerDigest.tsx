import type { Build, Image } from '../../api/types.ts'
import { href } from '../../store/navigation.ts'
import { shortDigest } from './image-text.ts'
import { jobOf } from './job-of.ts'

/** Whether the image is the one that the step had in the job's last build: nothing for one that is not of a job, or has no digest. */
export function FormerDigest({ build, image: { digest, former } }: { readonly build: Build; readonly image: Image }): preact.JSX.Element | null {
  const job = jobOf(build)
  if (job === undefined || digest === undefined) return null
  if (former === undefined) return <>this step had no digest in the job’s last builds</>
  const place = <a href={href({ page: 'job-build', id: job.id, job: job.job, build: former.build, view: { tab: 'image' } })}>{`build #${former.build}`}</a>
  return former.digest === digest ? (
    <>the same as in {place}</>
  ) : (
    <>
      <b>changed</b>: <code class="mono" title={former.digest}>{shortDigest(former.digest)}</code> in {place}
    </>
  )
}
