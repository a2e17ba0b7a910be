import { Notice } from './Notice.tsx'

export interface FailureProps {
  readonly error: { readonly message: string; readonly requestId: string | undefined }
  readonly retry: () => void
}

/** What the server could not do, and with which id its log has that. */
export const Failure = ({ error, retry }: FailureProps): preact.JSX.Element => (
  <Notice kind="error" actions={<button onClick={retry}>Try again</button>}>
    {error.message}
    {error.requestId !== undefined && ` Request ${error.requestId}.`}
  </Notice>
)
