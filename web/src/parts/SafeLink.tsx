/** Text of a resource script: a link only where it is an address of http or https. */
export const SafeLink = ({ text }: { readonly text: string }): preact.JSX.Element =>
  isWebAddress(text) ? (
    <a href={text} rel="noopener noreferrer" target="_blank">
      {text}
    </a>
  ) : (
    <>{text}</>
  )

function isWebAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text)) return false
  return URL.canParse(text)
}
