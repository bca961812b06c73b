import type { Filter } from './filter.js'
import type { Spans } from './line.js'
import { type Choice, type Column, List } from './list.js'
import type { Loaded } from './load.js'
import { type Hint, Instead, roomOf, Sheet, type Size } from './sheet.js'
import { grouped } from './text.js'

interface ListSheetProps<Row> extends Size {
  title: Spans
  hints: readonly Hint[]
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  choice: Choice<Row>
  loaded: Loaded<unknown> & { more?: boolean; stale?: boolean }
  filter?: Filter
  /** What to say, and to do, when there is no row. */
  empty: string
}

/** Where one is in a list: "3 of 120", or "3 of 100+" while there is more to read. */
function position(index: number, length: number, { more = false, stale = false }): string {
  if (stale) return 'reading…'
  return length === 0 ? '' : `${grouped(index + 1)} of ${grouped(length)}${more ? '+' : ''}`
}

/** A screen that is a list: its title, its filter, where one is in it, and its rows. */
export function ListSheet<Row>(props: ListSheetProps<Row>) {
  const { title, hints, columns, rows, choice, loaded, filter, empty, width, height } = props
  const room = roomOf({ width, height })
  const where = position(choice.index, rows.length, loaded)
  const narrowed = filter !== undefined && filter.text !== ''
  return (
    <Sheet
      {...{ title, hints, width, height }}
      right={[...(filter?.spans ?? []), { text: `  ${where}`, tone: 'muted' }]}
      typing={filter?.typing ?? false}
    >
      {rows.length > 0 && loaded.error === undefined ? (
        <List {...room} {...{ columns, rows, choice }} />
      ) : (
        <Instead loaded={loaded} empty={narrowed ? NOTHING_LIKE_IT : empty} width={room.width} />
      )}
    </Sheet>
  )
}

const NOTHING_LIKE_IT = 'Nothing is like that. Esc shows everything again.'
