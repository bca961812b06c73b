/** The tables that grow with the tasks; all of them carry `organization_id`, by which they can be split. */
export const SHARDED = ['task', 'task_owner', 'audit', 'audit_head']

const USE = new RegExp(
  `\\b(FROM|JOIN|UPDATE|INTO)\\s+"?(${SHARDED.join('|')})"?(?!\\w)(?:\\s+AS\\s+(\\w+))?(?:\\s*\\(([^)]*)\\))?`,
  'g',
)
const ONE_TABLE = /^(?!.*\bJOIN\b)/s

/** Whether a statement holds `name`'s organization against a value or against another table's organization. */
function isHeld(text: string, name: string): boolean {
  const [own, value] = [`${name}\\.organization_id`, '(\\$\\d+|\\w+\\.organization_id)']
  const bare = ONE_TABLE.test(text) ? '|(?<![.\\w])organization_id\\s*=\\s*\\$\\d+' : ''
  return new RegExp(`${own}\\s*=\\s*${value}|\\w+\\.organization_id\\s*=\\s*${own}\\b${bare}`).test(text)
}

/** The uses of a sharded table in a Postgres statement that do not say of which organization. */
export const unkeyed = (text: string): string[] =>
  [...text.matchAll(USE)].flatMap(([, verb, table = '', alias, columns = '']) => {
    const named = verb === 'INTO' ? /\borganization_id\b/.test(columns) : isHeld(text, alias ?? table)
    return named ? [] : [alias ?? table]
  })
