/** A time for a person: "2026-01-15 09:00" in UTC. */
export const shownTime = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** A time for a program: ISO 8601 in UTC. */
export const isoTime = (at: number): string => new Date(at).toISOString()
