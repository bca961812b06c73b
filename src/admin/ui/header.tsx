import { Box } from 'ink'
import { Line, type Span, widthOfSpans } from './line.js'
import { SCREENS, type ScreenName } from './stage.js'

export const HEADER_LINES = 2

const titleOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

const tab = (name: ScreenName, index: number, here: boolean, short: boolean): Span[] => {
  const word = short && !here ? '' : ` ${titleOf(name)}`
  return here
    ? [{ text: `${index + 1}${word}`, tone: 'accent', bold: true }]
    : [
        { text: String(index + 1), tone: 'accent' },
        { text: word, tone: 'muted' },
      ]
}

/** The screens, and a line that is heavy under the one in front: seen without colour as well. */
export function Header({ screen, width }: { screen: ScreenName; width: number }) {
  const build = (short: boolean) => SCREENS.map((name, index) => tab(name, index, name === screen, short))
  const long = build(false)
  const total = long.reduce((sum, spans) => sum + widthOfSpans(spans) + 2, 0)
  const tabs = total <= width ? long : build(true)
  const at = SCREENS.indexOf(screen)
  const start = 1 + tabs.slice(0, at).reduce((sum, spans) => sum + widthOfSpans(spans) + 2, 0)
  const heavy = widthOfSpans(tabs[at] ?? [])
  return (
    <Box flexDirection="column">
      <Line width={width} spans={[' ', ...tabs.flatMap((spans) => [...spans, '  '])]} />
      <Line
        width={width}
        spans={[
          { text: '─'.repeat(start), tone: 'muted' },
          { text: '━'.repeat(heavy), tone: 'accent' },
          { text: '─'.repeat(Math.max(width - start - heavy, 0)), tone: 'muted' },
        ]}
      />
    </Box>
  )
}
