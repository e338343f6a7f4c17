/**
 * Items that wait for their turn: each owner has one turn after the other, however many items it has. When there is no room, somebody who
 * has more than the others gives way.
 */
export class FairQueue<Item> {
  readonly #most: number;
  readonly #waiting = new Map<string, Item[]>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Queues the item. The one for which there is no room then, this or another. */
  add(owner: string, item: Item): Item | undefined {
    const own = this.#waiting.get(owner) ?? [];
    const surplus = this.#size < this.#most ? undefined : this.#giveWay(own.length);
    if (surplus === undefined && this.#size >= this.#most) return item;
    own.push(item);
    this.#waiting.set(owner, own);
    this.#size++;
    return surplus;
  }

  /** The item whose turn it is. */
  next(): Item | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [owner, items] = first;
    const item = items.shift();
    this.#waiting.delete(owner);
    if (items.length > 0) this.#waiting.set(owner, items);
    this.#size--;
    return item;
  }

  /** The last item of whoever has most, if that is more than the newcomer has with one more. */
  #giveWay(own: number): Item | undefined {
    let [greedy, most] = ['', own + 1];
    for (const [owner, { length }] of this.#waiting) if (length > most) [greedy, most] = [owner, length];
    if (most === own + 1) return undefined;
    this.#size--;
    return this.#waiting.get(greedy)?.pop();
  }
}
