/** Small settings: the database serves few builds, and its memory counts as the server's. */
export const postgresqlConf = ['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=4MB', 'autovacuum=off', 'work_mem=4MB']
/** Segments of 1 MB instead of 16: a new data directory is a third of the size, so its copy is quick. */
export const initDbParams = ['--wal-segsize=1']
