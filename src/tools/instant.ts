/** 0001-01-01 to 9999-12-31: what four digits of a year can say. */
const [EARLIEST, LATEST] = [-62_135_596_800_000, 253_402_300_799_999]
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** A time with an offset, on a real day of the calendar: Date.parse alone would read 31 February as 3 March. */
export function isInstant(value: string): boolean {
  const [time, day] = [Date.parse(value), value.slice(0, 10)]
  const realDay = new Date(`${day}T00:00:00Z`)
  return (
    ISO.test(value) &&
    time >= EARLIEST &&
    time <= LATEST &&
    !Number.isNaN(realDay.getTime()) &&
    realDay.toISOString().startsWith(day)
  )
}
