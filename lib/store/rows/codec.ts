// This module is pure.
/**
 * One bucket as bytes. Its start is not among them: the row's key and slot say it, so
 * the same bytes move from a minute row into an hour row untouched.
 *
 * Eight bytes of head (two little-endian words) hold two bits per value, in the order of
 * `encodeBucket`, then the source and the two "is the sum of its sides" flags. Values
 * follow without gaps. All is lossless: unknown, 0 and −0 come back as what they were.
 */
import type { Bucket, BucketSource } from "../../market/bucket.ts";

/** How a value is kept; two bits each. */
const State = { unknown: 0, zero: 1, whole: 2, double: 3 } as const;
type State = (typeof State)[keyof typeof State];

const HEAD_BYTES = 8;
const VALUES = 27;
/** Below this a whole number takes at most seven bytes of seven bits, less than a double. */
const WHOLE_LIMIT = 2 ** 49;
/** The longest a bucket can get. */
export const MAX_BUCKET_BYTES = HEAD_BYTES + VALUES * 8;

const SOURCES: readonly (BucketSource | null)[] = [null, "live", "repaired", "candle"];
/** Places in the second head word, after the values 16 … 26. */
const SOURCE_SHIFT = 22;
const BASE_IS_SUM = 1 << 24;
const QUOTE_IS_SUM = 1 << 25;

/** The bucket's bytes, at most `MAX_BUCKET_BYTES`. */
export function encodeBucket(bucket: Bucket): Uint8Array<ArrayBuffer> {
  const values = new Encoder();
  const baseIsSum = isSum(bucket.volBase, bucket.buyBase, bucket.sellBase);
  const quoteIsSum = isSum(bucket.volQuote, bucket.buyQuote, bucket.sellQuote);
  values.put(bucket.o);
  values.put(bucket.h);
  values.put(bucket.l);
  values.put(bucket.c);
  values.put(bucket.buyBase);
  values.put(bucket.sellBase);
  values.put(bucket.buyQuote);
  values.put(bucket.sellQuote);
  values.put(baseIsSum ? null : bucket.volBase);
  values.put(quoteIsSum ? null : bucket.volQuote);
  values.put(bucket.buys);
  values.put(bucket.sells);
  values.put(bucket.largeBuyQuote);
  values.put(bucket.largeSellQuote);
  values.put(bucket.liqLongQuote);
  values.put(bucket.liqShortQuote);
  values.put(bucket.liqLongs);
  values.put(bucket.liqShorts);
  values.put(bucket.oiBase);
  values.put(bucket.fundingRate);
  values.put(bucket.fundingIntervalHours);
  values.put(bucket.markPrice);
  values.put(bucket.imbalance);
  values.put(bucket.imbalanceSamples);
  values.put(bucket.coverageMs);
  values.put(bucket.firstId);
  values.put(bucket.lastId);
  const source = Math.max(0, SOURCES.indexOf(bucket.source)) << SOURCE_SHIFT;
  return values.finish(source | (baseIsSum ? BASE_IS_SUM : 0) | (quoteIsSum ? QUOTE_IS_SUM : 0));
}

/**
 * The bucket that starts at `t`.
 * @throws {RangeError} where the bytes end too early
 */
export function decodeBucket(bytes: Uint8Array, t: number): Bucket {
  const values = new Decoder(bytes);
  // Read in the order of `encodeBucket`.
  const [o, h, l, c] = [values.next(), values.next(), values.next(), values.next()];
  const [buyBase, sellBase] = [values.next(), values.next()];
  const [buyQuote, sellQuote] = [values.next(), values.next()];
  const [volBase, volQuote] = [values.next(), values.next()];
  return {
    t,
    o,
    h,
    l,
    c,
    volBase: (values.flags & BASE_IS_SUM) !== 0 ? (buyBase ?? 0) + (sellBase ?? 0) : volBase,
    volQuote: (values.flags & QUOTE_IS_SUM) !== 0 ? (buyQuote ?? 0) + (sellQuote ?? 0) : volQuote,
    buyBase,
    sellBase,
    buyQuote,
    sellQuote,
    buys: values.next(),
    sells: values.next(),
    largeBuyQuote: values.next(),
    largeSellQuote: values.next(),
    liqLongQuote: values.next(),
    liqShortQuote: values.next(),
    liqLongs: values.next(),
    liqShorts: values.next(),
    oiBase: values.next(),
    fundingRate: values.next(),
    fundingIntervalHours: values.next(),
    markPrice: values.next(),
    imbalance: values.next(),
    imbalanceSamples: values.next() ?? 0,
    coverageMs: values.next() ?? 0,
    source: SOURCES[(values.flags >>> SOURCE_SHIFT) & 3] ?? null,
    firstId: values.next(),
    lastId: values.next(),
  };
}

/** A live total is exactly its sides' sum: sixteen bytes of every bucket that need not be kept. */
function isSum(total: number | null, a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Object.is(total, a + b);
}

function stateOf(value: number | null): State {
  if (value === null) return State.unknown;
  if (Object.is(value, 0)) return State.zero;
  return value > 0 && value < WHOLE_LIMIT && Number.isInteger(value) ? State.whole : State.double;
}

class Encoder {
  readonly #bytes = new Uint8Array(MAX_BUCKET_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = HEAD_BYTES;
  #count = 0;
  #low = 0;
  #high = 0;

  put(value: number | null): void {
    const state = stateOf(value);
    if (this.#count < 16) this.#low |= state << (this.#count * 2);
    else this.#high |= state << ((this.#count - 16) * 2);
    this.#count++;
    if (value === null || state === State.zero) return;
    if (state === State.whole) return this.#putWhole(value);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  finish(flags: number): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, this.#low, true);
    this.#view.setUint32(4, this.#high | flags, true);
    return this.#bytes.slice(0, this.#at);
  }

  #putWhole(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }
}

class Decoder {
  /** The second head word; its upper bits are the source and the flags. */
  readonly flags: number;
  readonly #view: DataView;
  readonly #low: number;
  #at = HEAD_BYTES;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#low = this.#view.getUint32(0, true);
    this.flags = this.#view.getUint32(4, true);
  }

  next(): number | null {
    const word = this.#count < 16 ? this.#low : this.flags;
    const state = (word >>> ((this.#count & 15) * 2)) & 3;
    this.#count++;
    if (state === State.unknown) return null;
    if (state === State.zero) return 0;
    if (state === State.whole) return this.#nextWhole();
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  #nextWhole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#view.getUint8(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
}
