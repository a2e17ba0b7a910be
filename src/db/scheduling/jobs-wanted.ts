/** The channel that tells schedulers, after each commit that wants jobs. */
export const jobsWanted = 'jobs_wanted'
