import type { ConfigVersion } from '../../api/types.ts'
import { href } from '../../store/navigation.ts'

/** Who set a version: a person, or a build, which is `pipeline/job #name` then. */
export function SetBy({ version: { set_by: by, set_by_build: build } }: { readonly version: ConfigVersion }): preact.JSX.Element | null {
  if (build !== undefined)
    return (
      <>
        by build <a href={href({ page: 'build', build, view: {} })}>{by}</a>
      </>
    )
  return by === '' ? null : <>{`by ${by}`}</>
}
