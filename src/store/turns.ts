/** Runs work under one name in turn, within this process; different names do not wait for one another. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => undefined).finally(() => last.get(name) === settled && last.delete(name))
    last.set(name, settled)
    return turn
  }
}
