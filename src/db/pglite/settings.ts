/** Small settings: the database serves few builds, and its memory counts as the server's. */
export const postgresqlConf = ['shared_buffers=16MB', 'max_wal_size=64MB', 'min_wal_size=4MB', 'autovacuum=off', 'work_mem=4MB']
/** Segments of 1 MB instead of 16: a new data directory is a third of the size, so its copy is quick. */
export const initDbParams = ['--wal-segsize=1']
/**
 * A function of PostgreSQL is compiled again, with V8's optimizing compiler, when it has executed about so many bytes of WebAssembly. By
 * V8's default (13 million) that begins at once and costs a second of processor time in the first 500 queries, more than most runs need
 * for the rest of their work; optimized code is only a tenth faster.
 */
export const optimizeAfterBytes = 1_000_000_000
