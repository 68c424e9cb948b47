/**
 * Cuts a JSON array of objects into its objects as its text flows by, so that a list of ten thousand snapshots never
 * stands in memory as a whole. What stands in front of the first object (restic's notices) is passed over.
 */
export class ObjectSplitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #begun = "";

  /** The texts of the objects that end within `chunk`. */
  *push(chunk: string): Generator<string> {
    let from = this.#depth === 0 ? -1 : 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (this.#depth > 0 && this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === backslash) this.#escaped = true;
        else if (code === quote) this.#inString = false;
      } else if (code === quote) {
        this.#inString = this.#depth > 0;
      } else if (code === open) {
        if (this.#depth === 0) from = at;
        this.#depth += 1;
      } else if (code === close && this.#depth > 0) {
        this.#depth -= 1;
        if (this.#depth === 0) {
          yield this.#begun + chunk.slice(from, at + 1);
          this.#begun = "";
          from = -1;
        }
      }
    }
    if (from >= 0) this.#begun += chunk.slice(from);
  }

  /** Whether the text ended within an object. */
  get unfinished(): boolean {
    return this.#depth > 0;
  }
}

const quote = 34;
const backslash = 92;
const open = 123;
const close = 125;
