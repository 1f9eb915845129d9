/** The only door to Deno KV: rolling minutes, their history, and small records. */
export type { SeriesId } from "./directory.ts";
export { DiskGuard, type DiskOptions, type DiskState, type DiskUse } from "./disk/guard.ts";
export { fileReserve, type Reserve } from "./disk/reserve.ts";
export { type OpenFault, StoreOpenError, StoreWriteError, type WriteFault } from "./errors.ts";
export { type Holder, Lease, LEASE_MS, type LeaseRow, type Successor } from "./lease.ts";
export type { MinuteOfAll, SeriesBucket, SeriesSpan } from "./reader.ts";
export type { KeptRecord, RecordChange, StoredRecord } from "./records.ts";
export type { RolledUp } from "./rollup.ts";
export type { SeriesSizes, SizesOfHour } from "./sizes.ts";
export { Store, type StoreOptions, type StoreStats } from "./store.ts";
export { MAX_RETENTION_HOURS } from "./rows/retention.ts";
