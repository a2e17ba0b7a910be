import { Failure, type FailureProps } from '../../parts/Failure.tsx'
import { EmptyPage } from '../StatePages.tsx'

/** A page whose content the server could not give. */
export const FailedPage = ({ subject, error, retry }: FailureProps & { readonly subject: string }): preact.JSX.Element => (
  <EmptyPage title={`The server could not show ${subject}`}>
    <Failure error={error} retry={retry} />
  </EmptyPage>
)
