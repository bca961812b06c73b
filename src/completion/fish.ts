import { type Flag, type Place, stepsOf } from './tree.js'

/** Text between single quotes. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const steps = (places: readonly Place[]) =>
  stepsOf(places).map(
    ({ written, path }) => `      case ${written.map(quoted).join(' ')}\n        set place ${quoted(path)}`,
  )

const VALUES = { none: '', file: ' -r -F', any: ' -x' }

function flagLine(at: string, { name, does, value }: Flag): string {
  const takes = typeof value === 'string' ? VALUES[value] : ` -x -a ${quoted(value.join(' '))}`
  return `${at} -l ${name.replace(/^--/, '')} -d ${quoted(does)}${takes}`
}

const offers = (places: readonly Place[]) =>
  places.flatMap(({ path, below, flags, words, file }) => {
    const at = `complete -c zuko-mcp -n ${quoted(`__zuko_mcp_at ${path}`)}`
    return [
      ...below.map(({ name, does }) => `${at} -a ${quoted(name)} -d ${quoted(does)}`),
      ...words.map((word) => `${at} -a ${quoted(word)}`),
      ...(file ? [`${at} -F`] : []),
      ...flags.map((flag) => flagLine(at, flag)),
    ]
  })

/** Completion for fish 3. */
export const fishScript = (
  places: readonly Place[],
): string => `# Completion of zuko-mcp for fish. To have it in every shell:
#   zuko-mcp completion fish > ~/.config/fish/completions/zuko-mcp.fish

function __zuko_mcp_at
  set -l place zuko-mcp
  for word in (commandline -opc)[2..-1]
    switch "$place $word"
${steps(places).join('\n')}
    end
  end
  test "$place" = "$argv"
end

complete -c zuko-mcp -f
${offers(places).join('\n')}
`
