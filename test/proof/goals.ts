/** One figure held against its goal. */
export interface Result {
  what: string
  figure: string
  goal: string
  met: boolean
}

const said = (figure: unknown): string =>
  typeof figure === 'number' ? figure.toLocaleString('en') : String(figure)

const result = (what: string, figure: unknown, goal: string, met: boolean): Result => ({
  what,
  figure: said(figure),
  goal,
  met,
})

export const exactly = (what: string, figure: unknown, goal: number | string | boolean): Result =>
  result(what, figure, said(goal), figure === goal)
export const atLeast = (what: string, figure: number, goal: number): Result =>
  result(what, figure, `at least ${said(goal)}`, figure >= goal)
export const atMost = (what: string, figure: number, goal: number): Result =>
  result(what, figure, `at most ${said(goal)}`, figure <= goal)
/** A figure that has no goal of its own, and is worth knowing. */
export const shown = (what: string, figure: unknown): Result => result(what, figure, '–', true)

/** What must hold of a store after every fault. */
export const whole = (figures: { lost: number; doubled: number; integrity: string }): Result[] => [
  exactly('acknowledged writes lost', figures.lost, 0),
  exactly('writes done twice', figures.doubled, 0),
  exactly('integrity check', figures.integrity, 'ok'),
]
