/** Access facts as bits: the same for all packs, which may know different facts. */

import { PackError } from "./pack.ts";

const MOST = 53; // bits that a number holds exactly

const bits = new Map<string, number>();

/**
 * The place of a fact's bit. One that was never heard of gets the next.
 *
 * @throws PackError if there are more facts than bits
 */
export function bitOf(fact: string): number {
  const known = bits.get(fact);
  if (known !== undefined) return known;
  if (bits.size === MOST) throw new PackError("There are too many access facts.");
  bits.set(fact, bits.size);
  return bits.size - 1;
}

/** All facts that were heard of, in the order of their bits. */
export function allFacts(): string[] {
  return [...bits.keys()];
}

/** Whether a set holds a bit. Sets may be wider than the 32 bits of bitwise operators. */
export function hasBit(set: number, bit: number): boolean {
  return Math.floor(set / 2 ** bit) % 2 === 1;
}

/** Bits by the numbering of a body, whose bit `n` is at `places[n]` here, in ours. */
export function renumbered(set: number, places: readonly number[]): number {
  let found = 0;
  places.forEach((place, bit) => {
    if (hasBit(set, bit)) found += 2 ** place;
  });
  return found;
}

/** What is known of a fact: yes, no, or null. */
export function answerOf(yes: number, no: number, bit: number): boolean | null {
  if (hasBit(yes, bit)) return true;
  return hasBit(no, bit) ? false : null;
}
