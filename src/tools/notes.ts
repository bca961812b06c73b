/** What is to be told besides an answer, as its one `note`; nothing where there is nothing. */
export function noted(...notes: readonly (string | undefined)[]): { note?: string } {
  const told = notes.filter((note) => note !== undefined)
  return told.length === 0 ? {} : { note: told.join(' ') }
}
