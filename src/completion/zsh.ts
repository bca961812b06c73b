import { type Place, stepsOf } from './tree.js'

/** Text between single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A word with what it does, as _describe takes it. */
const described = ({ name, does }: { name: string; does: string }): string =>
  quoted(`${name.replaceAll(':', '\\:')}:${does}`)

const steps = (places: readonly Place[]) =>
  stepsOf(places).map(
    ({ written, path }) => `      (${written.map(quoted).join('|')}) place=${quoted(path)} ;;`,
  )

const values = (places: readonly Place[]) =>
  places.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) => {
      if (value === 'none') return []
      const reply =
        value === 'file' ? '_files' : value === 'any' ? ':' : `compadd -- ${value.map(quoted).join(' ')}`
      return [`    (${quoted(`${path} ${name}`)}) ${reply}; return ;;`]
    }),
  )

const offers = (places: readonly Place[]) =>
  places.map(({ path, below, flags, words, file }) => {
    const entries = [...below, ...words.map((name) => ({ name, does: name })), ...flags].map(described)
    const files = file ? '[[ $PREFIX == -* ]] || _files; ' : ''
    return `    (${quoted(path)}) ${files}entries=(${entries.join(' ')}) ;;`
  })

/** Completion for zsh 5: sourced, or put as _zuko-mcp into a folder of $fpath. */
export const zshScript = (places: readonly Place[]): string => `#compdef zuko-mcp
# Completion of zuko-mcp for zsh. To have it in every shell, add to ~/.zshrc, after compinit:
#   source <(zuko-mcp completion zsh)

_zuko_mcp() {
  local place='zuko-mcp' index
  local -a entries
  for ((index = 2; index < CURRENT; index++)); do
    case "$place \${words[index]}" in
${steps(places).join('\n')}
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${values(places).join('\n')}
  esac
  case "$place" in
${offers(places).join('\n')}
  esac
  _describe 'zuko-mcp' entries
}

if [[ "\${funcstack[1]}" == _zuko-mcp ]]; then
  _zuko_mcp "$@"
else
  compdef _zuko_mcp zuko-mcp
fi
`
