/** The numbers by which rows call their series. */
import { seriesKey } from "../market/instrument.ts";
import { IDS_KEY, SERIES_PREFIX, seriesRowKey } from "./rows/keys.ts";
import type { Kv, Writer } from "./writer.ts";

export interface SeriesId {
  readonly venue: string;
  readonly symbol: string;
}

/**
 * Kept in memory whole: what the venues list bounds it, some thousands at most. Numbers
 * are for ever, so another process's copy of this map can be short but never wrong.
 */
export class Directory {
  readonly #kv: Kv;
  readonly #writer: Writer;
  readonly #ids = new Map<string, number>();
  readonly #names = new Map<number, SeriesId>();

  constructor(kv: Kv, writer: Writer) {
    this.#kv = kv;
    this.#writer = writer;
  }

  /** Reads every series' number, also those that another process gave since. */
  async load(): Promise<void> {
    for await (const { key, value } of this.#kv.list<unknown>({ prefix: [SERIES_PREFIX] })) {
      const [, venue, symbol] = key;
      if (typeof venue === "string" && typeof symbol === "string" && typeof value === "number") {
        this.#add({ venue, symbol }, value);
      }
    }
  }

  /** The series' number, or `null` where nothing of it was ever stored. */
  async find({ venue, symbol }: SeriesId): Promise<number | null> {
    const known = this.#ids.get(seriesKey(venue, symbol));
    if (known !== undefined) return known;
    const { value } = await this.#kv.get<unknown>(seriesRowKey(venue, symbol));
    if (typeof value !== "number") return null;
    this.#add({ venue, symbol }, value);
    return value;
  }

  /** The series' number, a new one where it has none. */
  async idOf(series: SeriesId): Promise<number> {
    const known = await this.find(series);
    if (known !== null) return known;
    const { venue, symbol } = series;
    const key = seriesRowKey(venue, symbol);
    let id = 0;
    await this.#writer.update(`the number of ${venue} ${symbol}`, async () => {
      const [given, next] = await this.#kv.getMany<[unknown, unknown]>([key, IDS_KEY]);
      if (typeof given.value === "number") {
        id = given.value;
        return [];
      }
      id = typeof next.value === "number" ? next.value : 0;
      return [
        { key, value: id, versionstamp: given.versionstamp },
        { key: IDS_KEY, value: id + 1, versionstamp: next.versionstamp },
      ];
    });
    this.#add({ venue, symbol }, id);
    return id;
  }

  /** The series of a number, or `null` where no one gave it. */
  async nameOf(id: number): Promise<SeriesId | null> {
    if (!this.#names.has(id)) await this.load();
    return this.#names.get(id) ?? null;
  }

  /** Every number and its series, by number. */
  all(): readonly (readonly [number, SeriesId])[] {
    return [...this.#names].sort((a, b) => a[0] - b[0]);
  }

  #add(series: SeriesId, id: number): void {
    this.#ids.set(seriesKey(series.venue, series.symbol), id);
    this.#names.set(id, series);
  }
}
