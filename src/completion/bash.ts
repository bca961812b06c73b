import { type Place, stepsOf } from './tree.js'

const quoted = (text: string): string => `"${text}"`

const steps = (places: readonly Place[]) =>
  stepsOf(places).map(({ written, path }) => `      ${written.map(quoted).join('|')}) place="${path}" ;;`)

const values = (places: readonly Place[]) =>
  places.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) => {
      if (value === 'none') return []
      const reply =
        value === 'file' ? '_zuko_mcp_files' : value === 'any' ? ':' : `_zuko_mcp_words "${value.join(' ')}"`
      return [`    "${path} ${name}") ${reply}; return ;;`]
    }),
  )

const offers = (places: readonly Place[]) =>
  places.map(({ path, below, flags, words, file }) => {
    const names = [...below.map(({ name }) => name), ...words, ...flags.map(({ name }) => name)]
    const files = file ? '; [[ $typed == -* ]] || _zuko_mcp_files' : ''
    return `    "${path}") _zuko_mcp_words "${names.join(' ')}"${files} ;;`
  })

/** Completion for bash 3.2 and later. */
export const bashScript = (
  places: readonly Place[],
): string => `# Completion of zuko-mcp for bash. To have it in every shell, add to ~/.bashrc:
#   source <(zuko-mcp completion bash)

_zuko_mcp_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$typed"))
}

_zuko_mcp_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -f -- "$typed"))
}

_zuko_mcp() {
  local typed="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place="zuko-mcp" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$place \${COMP_WORDS[index]}" in
${steps(places).join('\n')}
    esac
  done
  case "$place $before" in
${values(places).join('\n')}
  esac
  case "$place" in
${offers(places).join('\n')}
  esac
}

complete -F _zuko_mcp zuko-mcp
`
