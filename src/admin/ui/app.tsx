import { Box } from 'ink'
import { useMemo, useState } from 'react'
import { Front } from './front.js'
import { HEADER_LINES, Header } from './header.js'
import { Keys, LEVEL, useKeys } from './keyboard.js'
import { Colour, Line } from './line.js'
import { screenFor, usePlaces } from './places.js'
import { BelowContext } from './sheet.js'
import { type Notice, type Question, type Stage, StageContext } from './stage.js'
import { useRevision, useSize } from './surroundings.js'

export interface AppProps extends Pick<Stage, 'deps' | 'store' | 'path'> {
  colour: boolean
  /** Called when the person wants to leave. */
  leave(how: 'quit' | 'interrupt'): void
}

/** The screens, on a terminal of any size. */
export const App = ({ colour, ...props }: AppProps) => (
  <Colour value={colour}>
    <Keys>
      <Frame {...props} />
    </Keys>
  </Colour>
)

const SMALLEST = { width: 40, height: 10 }

/** What stands around every screen: the header, questions and notices, and the keys that hold everywhere. */
function Frame({ deps, store, path, leave }: Omit<AppProps, 'colour'>) {
  const { width, height } = useSize()
  const [revision, changed] = useRevision(store)
  const { place, visited, tasks, moves } = usePlaces()
  const [notice, say] = useState<Notice>()
  const [question, ask] = useState<Question>()
  const [helping, setHelping] = useState(false)
  const stage = useMemo<Stage>(
    () => ({ deps, store, now: deps.now, path, revision, changed, say, ask, ...moves }),
    [deps, store, path, revision, changed, moves],
  )
  useKeys(LEVEL.top, () => {
    say(undefined)
    return false
  })
  useAnswer(question, () => ask(undefined))
  useKeys(LEVEL.frame, (press) => {
    const screen = screenFor(press, place.screen)
    if (press === 'ctrl+c') leave('interrupt')
    else if (press === 'q') leave('quit')
    else if (press === 'r') changed()
    if (press === '?' || screen) setHelping(press === '?' && !helping)
    if (screen) moves.go({ screen })
    return true
  })

  if (width < SMALLEST.width || height < SMALLEST.height) return <TooSmall width={width} />
  const size = { width, height: height - HEADER_LINES }
  return (
    <StageContext value={stage}>
      <BelowContext value={{ question: question?.text, notice }}>
        <Box flexDirection="column" width={width} height={height} overflow="hidden">
          <Header screen={place.screen} width={width} />
          <Front
            {...{ size, place, visited, tasks, helping }}
            closeTask={moves.closeTask}
            closeHelp={() => setHelping(false)}
          />
        </Box>
      </BelowContext>
    </StageContext>
  )
}

const TooSmall = ({ width }: { width: number }) => (
  <Line width={width} spans={[`Make this at least ${SMALLEST.width} × ${SMALLEST.height}.`]} />
)

/** While a question stands, only y and n (or Esc) are heard. */
function useAnswer(question: Question | undefined, close: () => void): void {
  useKeys(
    LEVEL.question,
    question &&
      ((press) => {
        if (press === 'ctrl+c') return false
        if (press === 'y') void question.yes()
        if (press === 'y' || press === 'n' || press === 'escape') close()
        return true
      }),
  )
}
