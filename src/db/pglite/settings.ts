/** Kept small: the database is one build's, and its memory is the server's. */
export const postgresqlConf = ['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=4MB', 'autovacuum=off', 'work_mem=4MB']
/** Segments of 1 MB instead of 16: a new data directory is a third of the size, so its copy is quick. */
export const initDbParams = ['--wal-segsize=1']
