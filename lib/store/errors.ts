/** What can go wrong at the store's door, by what the caller can do about it. */

/**
 * `missing`: no such directory. `denied`: may not write there. `damaged`: not a sound
 * database. `foreign`: a sound one that is not ours. `newer`: written by a newer version.
 * `disk`: no room. `other`: the message says what.
 */
export type OpenFault = "missing" | "denied" | "damaged" | "foreign" | "newer" | "disk" | "other";

/** The store cannot be opened; the file is left as it was found. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
  readonly fault: OpenFault;

  constructor(fault: OpenFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/**
 * `disk low`: refused before trying, to leave room for the deletes. `disk full`, `locked`:
 * the database said so. `conflict`: another process kept changing the same rows.
 */
export type WriteFault = "disk low" | "disk full" | "locked" | "conflict" | "other";

/** Nothing of the write was stored; reading works on, and the same write may be tried again. */
export class StoreWriteError extends Error {
  override readonly name = "StoreWriteError";
  readonly fault: WriteFault;

  constructor(fault: WriteFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
