/** Numbers of rows, those with the least bound first. */

export class Heap {
  private readonly rows: Int32Array;
  private readonly bounds: Float64Array;
  private size: number;

  /**
   * @param rows numbers of rows; they are moved about
   * @param bounds of every row, by its number
   * @param size how many of `rows` count
   */
  constructor(rows: Int32Array, bounds: Float64Array, size: number) {
    this.rows = rows;
    this.bounds = bounds;
    this.size = size;
    for (let place = (size >> 1) - 1; place >= 0; place--) this.sink(place);
  }

  /** Take the row with the least bound out; -1 if there is none. */
  take(): number {
    if (this.size === 0) return -1;
    const first = this.rows[0] ?? -1;
    this.size -= 1;
    this.rows[0] = this.rows[this.size] ?? -1;
    this.sink(0);
    return first;
  }

  private bound(place: number): number {
    return this.bounds[this.rows[place] ?? 0] ?? Infinity;
  }

  private sink(from: number): void {
    const row = this.rows[from] ?? -1;
    const own = this.bounds[row] ?? Infinity;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.bound(child + 1) < this.bound(child)) child += 1;
      if (this.bound(child) >= own) break;
      this.rows[place] = this.rows[child] ?? -1;
      place = child;
    }
    this.rows[place] = row;
  }
}
