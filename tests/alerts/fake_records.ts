/** Records in memory, which survive whoever used them. */
import type { RuleRecords } from "../../lib/alerts/run/book.ts";
import type { RecordChange } from "../../lib/store/mod.ts";

export class FakeRecords implements RuleRecords {
  readonly rows = new Map<string, unknown>();
  writes = 0;
  /** Called before each write; what it throws is the store's refusal. */
  before: () => void = () => {};

  get(key: readonly string[]): Promise<unknown> {
    return Promise.resolve(structuredClone(this.rows.get(key.join("\t"))));
  }

  async set(key: readonly string[], value: unknown): Promise<void> {
    await this.commit("a record", [{ key, value }]);
  }

  async delete(key: readonly string[]): Promise<void> {
    await this.commit("a record", [{ key, value: undefined }]);
  }

  async commit(_what: string, changes: readonly RecordChange[]): Promise<boolean> {
    await Promise.resolve();
    this.before();
    const holds = changes.every(({ key, onlyIf }) =>
      onlyIf?.(this.rows.get(key.join("\t"))) ?? true
    );
    if (!holds) return false;
    this.writes++;
    for (const { key, value } of changes) {
      if (value === undefined) this.rows.delete(key.join("\t"));
      // As the store does: what cannot be cloned cannot be kept.
      else this.rows.set(key.join("\t"), structuredClone(value));
    }
    return true;
  }

  async *list(prefix: readonly string[], { reverse = false } = {}) {
    const start = prefix.map((part) => `${part}\t`).join("");
    const keys = [...this.rows.keys()].filter((key) => key.startsWith(start)).sort();
    for (const key of reverse ? keys.reverse() : keys) {
      const value = structuredClone(this.rows.get(key));
      if (value !== undefined) yield await Promise.resolve({ key: key.split("\t"), value });
    }
  }
}
