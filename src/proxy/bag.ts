/** A place in a bag; whoever is put in one carries it. */
export interface InBag {
  place: number
}

/**
 * Things that come and go with every call. A Set would do, but each time it grows V8 keeps its old table and
 * all that was in it until the next full collection: a third of the time, and twice the memory.
 */
export interface Bag<T extends InBag> {
  readonly size: number
  add(item: T): void
  delete(item: T): void
  items(): readonly T[]
}

export function createBag<T extends InBag>(): Bag<T> {
  const items: T[] = []
  return {
    get size() {
      return items.length
    },
    add(item) {
      item.place = items.length
      items.push(item)
    },
    delete(item) {
      if (items[item.place] !== item) return
      const last = items.pop() as T
      if (last === item) return
      items[item.place] = last
      last.place = item.place
    },
    items: () => [...items],
  }
}
