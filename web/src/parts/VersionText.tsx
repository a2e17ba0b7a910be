/** A version's fields, in their order: `ref 4f2a…, tag v1`. */
export const VersionText = ({ version }: { readonly version: Readonly<Record<string, string>> }): preact.JSX.Element => (
  <span class="mono">
    {Object.entries(version).map(([key, value], index) => (
      <span key={key}>
        {index > 0 && ', '}
        <span class="dim">{key}</span> {value}
      </span>
    ))}
  </span>
)
