/** Who is told what and when: chats, zones and quiet hours. */
import type { Asker } from "../reply/command.ts";
import { UTC, type Zone, ZONE_KEY, zoneNamed } from "../reply/zone.ts";
import type { QuietHours } from "./deliver/quiet.ts";
import { chatOf } from "./deliver/outbox_rows.ts";
import { isRecord } from "./run/armed.ts";
import type { RuleRecords } from "./run/book.ts";

const QUIET_KEY = "quiet";

export interface PersonSettings {
  readonly zone: Zone;
  readonly quiet: QuietHours | null;
}

export class People {
  readonly #records: RuleRecords;
  readonly #owner: string | null;

  /** `owner` is told what is nobody's; `null` where nobody can be told anything. */
  constructor(records: RuleRecords, owner: string | null) {
    this.#records = records;
    this.#owner = owner;
  }

  get owner(): string | null {
    return this.#owner;
  }

  /** Whose rules an asker means: who holds the machine means the owner's. */
  of({ id, owner }: Asker): string | null {
    if (chatOf(id) !== null && this.#owner !== null) return id;
    return owner ? this.#owner : null;
  }

  async settings(person: string): Promise<PersonSettings> {
    const [zone, quiet] = await Promise.all([
      this.#records.get(["asker", person, ZONE_KEY]),
      this.#records.get(["asker", person, QUIET_KEY]),
    ]);
    return {
      zone: typeof zone === "string" ? zoneNamed(zone) ?? UTC : UTC,
      quiet: isQuietHours(quiet) ? quiet : null,
    };
  }

  async setQuiet(person: string, hours: QuietHours | null): Promise<void> {
    const key = ["asker", person, QUIET_KEY];
    if (hours === null) await this.#records.delete(key);
    else await this.#records.set(key, hours);
  }
}

function isQuietHours(value: unknown): value is QuietHours {
  return isRecord(value) && typeof value.fromMinute === "number" &&
    typeof value.toMinute === "number";
}
