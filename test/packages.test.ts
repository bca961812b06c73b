import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildProgram } from '../src/cli.js'
import { endingOf } from '../src/ending.js'
import { ZukoError } from '../src/errors.js'
import { ROOT } from './helpers/sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const json = (path: string) => JSON.parse(read(path))
const about = json('package.json')

/** What the registry's schema of 2025-12-11 asks of those parts that server.json has. */
const input = {
  description: z.string().min(1),
  isRequired: z.boolean().optional(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
  placeholder: z.string().optional(),
}
const exact = z.string().regex(/^\d+\.\d+\.\d+$/)
const address = z.string().regex(/^(https?:\/\/\S+|\{[a-zA-Z_]\w*\}\S*)$/)
const registryEntry = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: exact,
  packages: z.array(
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: z.string(),
      version: exact,
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      packageArguments: z.array(
        z.union([
          z.strictObject({ type: z.literal('positional'), value: z.string() }),
          z.strictObject({ type: z.literal('positional'), valueHint: z.string(), ...input }),
        ]),
      ),
    }),
  ),
  remotes: z.array(
    z.strictObject({
      type: z.literal('streamable-http'),
      url: address,
      variables: z.record(z.string(), z.strictObject(input)),
    }),
  ),
})

describe('server.json', () => {
  const entry = registryEntry.parse(json('server.json'))

  test('tells of this package in this version', () => {
    expect(entry.name).toBe(about.mcpName)
    expect([entry.version, ...entry.packages.map(({ version }) => version)]).toEqual([
      about.version,
      about.version,
    ])
    expect(entry.packages.map(({ identifier }) => identifier)).toEqual([about.name])
  })

  test('has a variable for each hole of an address', () => {
    for (const { url, variables } of entry.remotes) {
      expect([...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(Object.keys(variables))
    }
  })
})

test('package.json is ready for a publication that says where it comes from', () => {
  expect(about.publishConfig).toEqual({ access: 'public', provenance: true })
  for (const path of about.files)
    if (!path.startsWith('!') && path !== 'dist') expect(isThere(path)).toBe(true)
})

const isThere = (path: string): boolean => existsSync(join(ROOT, path))

/** The words after the program's name, understood by the program itself. */
async function flagsOf(words: readonly string[]): Promise<Record<string, unknown>> {
  const [name = '', ...rest] = words
  const program = await buildProgram({ signal: new AbortController().signal }, name)
  const command = program.commands.find((one) => one.name() === name)
  const { unknown } = command?.parseOptions(rest) ?? { unknown: words }
  expect(unknown).toEqual([])
  return command?.opts() ?? {}
}

describe('Dockerfile', () => {
  const lines = read('Dockerfile').replaceAll('\\\n', ' ').split('\n')
  const allowed = read('.dockerignore')
    .split('\n')
    .flatMap((line) => /^!(.*)$/.exec(line)?.[1] ?? [])

  test('copies what is there and .dockerignore lets in, and all of that', () => {
    const copied = lines.flatMap((line) => /^COPY (?!--)(.*) \S+$/.exec(line)?.[1]?.split(' ') ?? [])
    expect(copied.filter((path) => !isThere(path))).toEqual([])
    expect([...copied].sort()).toEqual([...allowed].sort())
  })

  test('takes over everything that the package ships and runs with', () => {
    const taken = lines.flatMap((line) => /^COPY --from=build \/app\/(\S+)/.exec(line)?.[1] ?? [])
    expect(taken.sort()).toEqual(['bin', 'dist', 'drizzle', 'node_modules', 'package.json'])
  })

  test('runs, as nobody special, a command that the program understands, on the port that it names', async () => {
    const words = JSON.parse(lines.find((line) => line.startsWith('CMD '))?.slice(4) ?? '[]')
    expect(await flagsOf(words)).toEqual({ port: 3001, host: '0.0.0.0' })
    expect(lines).toContain('EXPOSE 3001')
    expect(lines.lastIndexOf('USER node')).toBeGreaterThan(
      lines.findIndex((line) => line.startsWith('RUN install')),
    )
  })
})

describe('docs/deploy/zuko-mcp.service', () => {
  const unit = read('docs/deploy/zuko-mcp.service')
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

  test('runs a command that the program understands', async () => {
    const [program, ...words] = value('ExecStart').split(' ')
    expect(program).toBe('/usr/bin/zuko-mcp')
    expect(await flagsOf(words)).toEqual({ port: 3001, host: '127.0.0.1' })
  })

  test('tries again unless usage or configuration are wrong', () => {
    const codes = (['USAGE', 'CONFIGURATION'] as const).map(
      (code) => endingOf(new ZukoError(code, 'x'), false).exitCode,
    )
    expect(value('RestartPreventExitStatus')).toBe(codes.join(' '))
  })
})

test('every example of a proxy leads to the port of the others', () => {
  expect(read('docs/deploy/Caddyfile')).toContain('reverse_proxy 127.0.0.1:3001')
  expect(read('docs/deploy/nginx.conf')).toContain('server 127.0.0.1:3001;')
})
