import { iconPath } from '../store/icons.ts'

/** The icon that a resource's config names, beside its name, which says the same to who does not see it. */
export function ResourceIcon({ name }: { readonly name: string | undefined }): preact.JSX.Element | null {
  const path = iconPath(name).value
  return path === undefined ? null : (
    <svg class="resource-icon" viewBox="0 0 24 24" width="18" height="18" fill="currentColor" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
