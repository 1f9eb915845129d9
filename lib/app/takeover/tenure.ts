/** Whose the data is: this process's from the start, or after another one has handed it over. */

/** What an owner lays down, in this order, when another process follows it. */
export interface Duties {
  /** Asks Telegram for nothing more; resolves to the first update that was not taken. */
  quiet(): Promise<number>;
  /** Ends the writing, the repair and the alerts. */
  rest(): Promise<void>;
}

/** How a time as owner ended. `resumed`: nobody followed after all, and it begins anew. */
export type Ending = "stopped" | "taken" | "resumed";

export interface Tenure {
  /** Waits until the data is there to be taken; false where the lifetime ended first. */
  wait(signal: AbortSignal): Promise<boolean>;
  /** Another process listens on our address, too. */
  readonly isBeside: boolean;
  /**
   * From now on the data is this process's; returns the first Telegram update to be asked for.
   * @throws {Refusal} where another process has it
   */
  begin(): Promise<number>;
  /** Stays while the data is this process's. */
  stay(duties: Duties, signal: AbortSignal): Promise<Ending>;
  /** Whether another process has the data by now; waits while that is being decided. */
  hasMoved(): Promise<boolean>;
}

/** Of a process whose data is nobody else's. */
export const SOLE: Tenure = {
  wait: (signal) => Promise.resolve(!signal.aborted),
  isBeside: false,
  begin: () => Promise.resolve(0),
  stay: (_, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve("stopped");
      signal.addEventListener("abort", () => resolve("stopped"), { once: true });
    }),
  hasMoved: () => Promise.resolve(false),
};
