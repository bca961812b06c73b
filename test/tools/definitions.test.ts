import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { describe, expect, test } from 'vitest'
import { TOOLS, toolByName, toolDefinition, toolsFor } from '../../src/tools/index.js'
import { SCOPES } from '../../src/tools/scopes.js'

const UPDATE = 'A definition changed. When that is meant: npx vitest run test/tools -u'

/** About what a tokenizer counts: a word for each six letters, every sign and every three digits on their own. */
const tokens = (text: string) => [...text.matchAll(/[A-Za-z]{1,6}|\d{1,3}|[^\sA-Za-z\d]/g)].length

/** Every schema inside a schema, with the path to it. */
function schemas(value: unknown, path: string): { path: string; schema: Record<string, unknown> }[] {
  if (value === null || typeof value !== 'object') return []
  const schema = value as Record<string, unknown>
  const below = [
    ...Object.entries((schema.properties ?? {}) as object).map(([name, one]) => [`${path}.${name}`, one]),
    ...Object.entries((schema.$defs ?? {}) as object).map(([name, one]) => [`${path}.$defs.${name}`, one]),
    ...((schema.anyOf as unknown[]) ?? []).map((one, index) => [`${path}.anyOf.${index}`, one]),
    ...(schema.items === undefined ? [] : [[`${path}.items`, schema.items]]),
  ] as [string, unknown][]
  return [{ path, schema }, ...below.flatMap(([name, one]) => schemas(one, name))]
}

test('the tools and their order are the contract’s', () => {
  expect(TOOLS.map(({ name, scope }) => [name, scope])).toEqual([
    ['list_organizations', 'organizations:read'],
    ['list_tasks', 'tasks:read'],
    ['get_task', 'tasks:read'],
    ['create_task', 'tasks:write'],
    ['update_task', 'tasks:write'],
  ])
})

test('a token sees the tools of its scopes, in order', () => {
  expect(toolsFor(['tasks:write', 'organizations:read']).map(({ name }) => name)).toEqual([
    'list_organizations',
    'create_task',
    'update_task',
  ])
  expect(toolsFor(SCOPES)).toEqual(TOOLS)
  expect(toolsFor([])).toEqual([])
  expect(toolByName('delete_task')).toBeUndefined()
})

describe.each(TOOLS.map((tool) => ({ name: tool.name, tool })))('$name', ({ name, tool }) => {
  const definition = toolDefinition(tool)
  const all = [...schemas(definition.inputSchema, 'input'), ...schemas(definition.outputSchema, 'output')]

  test('is defined as in its snapshot', async () => {
    const text = `${JSON.stringify(definition, null, 2)}\n`
    await expect(text, UPDATE).toMatchFileSnapshot(`./definitions/${name}.snap`)
  })

  test('is built once', () => {
    expect(toolDefinition(tool)).toBe(definition)
  })

  test('has words for a model: what, when, an example, in at most 150 tokens', () => {
    expect(tokens(definition.description)).toBeLessThanOrEqual(150)
    const [what, when, example, ...more] = definition.description.split('\n')
    expect(what).toMatch(/^[A-Z]\w+s /)
    expect(when).toMatch(/Use it /)
    expect(more).toEqual([])
    const args = JSON.parse(example?.replace(/^Example: /, '') ?? '')
    expect(tool.input.safeParse(args).success).toBe(true)
  })

  test('has no schema that a host would refuse or turn into text', () => {
    for (const { path, schema } of all) {
      const kinds = ['type', 'anyOf', '$ref'].filter((keyword) => schema[keyword] !== undefined)
      expect(kinds, path).toHaveLength(1)
      expect(Array.isArray(schema.type), path).toBe(false)
      if (schema.type === 'array') expect(schema.items, path).toBeDefined()
      if (schema.type === 'object') expect(schema.additionalProperties, path).toBeDefined()
    }
    expect(definition).not.toHaveProperty('inputSchema.$schema')
    expect(JSON.stringify(definition)).not.toMatch(/"pattern"|"oneOf"|"allOf"/)
  })

  test('refuses unknown arguments, and says so in its schema', () => {
    expect(definition.inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
    expect(definition.outputSchema).toMatchObject({ type: 'object', additionalProperties: false })
  })

  test('has schemas that the official client can compile', () => {
    const validator = new AjvJsonSchemaValidator()
    for (const schema of [definition.inputSchema, definition.outputSchema]) {
      expect(() => validator.getValidator(schema)).not.toThrow()
    }
  })

  test('has honest annotations', () => {
    const reads = tool.scope.endsWith(':read')
    expect(definition.annotations).toEqual({
      readOnlyHint: reads,
      destructiveHint: name === 'update_task',
      idempotentHint: name !== 'create_task',
      openWorldHint: false,
    })
  })
})
