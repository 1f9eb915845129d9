// This module is pure.
/** Any value as something JSON can carry, bounded, without secrets. Never throws. */

export type Redact = (text: string) => string;

const DEPTH = 6;
const ENTRIES = 100;
const CHARS = 8000;

/** Replaces every secret, and its URL-encoded and JSON-escaped forms, by `[redacted]`. */
export function redactor(secrets: readonly string[]): Redact {
  const forms = secrets.filter((secret) => secret !== "").flatMap((secret) => [
    secret,
    percentEncoded(secret),
    JSON.stringify(secret).slice(1, -1),
  ]);
  // Longest first: a token's second half must not leave its first half behind.
  const needles = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const needle of needles) {
      if (clean.includes(needle)) clean = clean.replaceAll(needle, () => "[redacted]");
    }
    return clean;
  };
}

/** As in a URL's query; lone surrogates, which `encodeURIComponent` refuses, stay. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The fields of a line, ready for `JSON.stringify`. `stacks`: errors bring their stack. */
export function tamed(
  fields: Readonly<Record<string, unknown>>,
  redact: Redact,
  stacks: boolean,
): Record<string, unknown> {
  const parents: object[] = [];

  function tame(value: unknown): unknown {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number") {
      const text = String(value);
      return Number.isFinite(value) && redact(text) === text ? value : redact(text);
    }
    if (typeof value === "string") return clip(value);
    if (typeof value === "function") return "[function]";
    if (typeof value !== "object") return clip(String(value));
    if (parents.includes(value)) return "[circular]";
    if (parents.length >= DEPTH) return "[deeper]";
    parents.push(value);
    try {
      return tameObject(value);
    } finally {
      parents.pop();
    }
  }

  function tameObject(value: object): unknown {
    if (value instanceof Error) return tameError(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Map) return tameObject(Object.fromEntries(value));
    if (value instanceof Set) return tameObject([...value]);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) {
      const head = value.slice(0, ENTRIES).map((item) => guarded(() => item));
      return value.length > ENTRIES ? [...head, `[${value.length - ENTRIES} more]`] : head;
    }
    const out: Record<string, unknown> = {};
    const names = Object.keys(value);
    for (const name of names.slice(0, ENTRIES)) {
      out[clip(name)] = guarded(() => Reflect.get(value, name));
    }
    if (names.length > ENTRIES) out["…"] = `[${names.length - ENTRIES} more]`;
    return out;
  }

  function tameError(error: Error): unknown {
    const cause = error.cause === undefined ? {} : { cause: guarded(() => error.cause) };
    const stack = stacks && error.stack !== undefined ? { stack: clip(error.stack) } : {};
    return { name: clip(error.name), message: clip(error.message), ...stack, ...cause };
  }

  /** A getter, a proxy or a `toString` may throw: what cannot be read says so. */
  function guarded(read: () => unknown): unknown {
    try {
      return tame(read());
    } catch {
      return "[unreadable]";
    }
  }

  function clip(text: string): string {
    const clean = redact(text);
    return clean.length > CHARS ? `${clean.slice(0, CHARS)}…` : clean;
  }

  const names = Object.keys(fields).slice(0, ENTRIES);
  return Object.fromEntries(
    names.map((name) => [clip(name), guarded(() => Reflect.get(fields, name))]),
  );
}
