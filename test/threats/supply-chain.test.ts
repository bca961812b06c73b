import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { PROVENANCE } from '../../src/mcp.js'
import { ALLOWANCES } from '../../src/serve/auth-routes.js'
import { LIMITS } from '../../src/serve/listen.js'
import { tableUnder } from '../helpers/markdown.js'
import { ROOT } from '../helpers/sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const own = JSON.parse(read('package.json'))

/** What npm prints as JSON, from what is installed; it asks no registry. */
// biome-ignore lint/suspicious/noExplicitAny: npm's own shapes
function npm(...args: string[]): any {
  const { stdout, stderr } = spawnSync('npm', [...args, '--offline'], { cwd: ROOT, encoding: 'utf8' })
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`npm ${args.join(' ')} printed no JSON: ${stderr}`)
  }
}

interface Locked {
  resolved?: string
  integrity?: string
  link?: boolean
  hasInstallScript?: boolean
}

describe('the lockfile', () => {
  const lock = JSON.parse(read('package-lock.json'))
  const packages = Object.entries(lock.packages as Record<string, Locked>).filter(([path]) => path !== '')
  const namesOf = (match: (one: Locked) => boolean) =>
    packages.flatMap(([path, one]) => (match(one) ? [path] : []))

  test('holds a hash of every package', () => {
    expect(packages.length).toBeGreaterThan(100)
    expect(namesOf(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([])
  })

  test('names at most one registry, over https, and no folder', () => {
    const origins = new Set(
      packages.flatMap(([, { resolved }]) => (resolved ? [new URL(resolved).origin] : [])),
    )
    expect([...origins].filter((origin) => !origin.startsWith('https://'))).toEqual([])
    expect(origins.size).toBeLessThanOrEqual(1)
    expect(namesOf(({ link }) => link === true)).toEqual([])
    expect(existsSync(join(ROOT, '.npmrc'))).toBe(false)
  })

  test('is of this package.json', () => {
    const { dependencies, devDependencies, optionalDependencies } = lock.packages['']
    expect({ dependencies, devDependencies, optionalDependencies }).toEqual({
      dependencies: own.dependencies,
      devDependencies: own.devDependencies,
      optionalDependencies: own.optionalDependencies,
    })
  })

  test('lets no package run a script at its installation but the ones that are known', () => {
    const known = /(^|\/)(better-sqlite3|esbuild|fsevents)$/
    expect(
      namesOf(({ hasInstallScript }) => hasInstallScript === true).filter((path) => !known.test(path)),
    ).toEqual([])
    expect(own.allowScripts).toEqual({ 'better-sqlite3': true })
    expect(
      Object.keys(own.scripts).filter((name) => /^(pre|post)?install$|^(pre)?prepare$/.test(name)),
    ).toEqual([])
  })
})

/** npm lists no packages behind a link to another checkout's. */
const borrowed = lstatSync(join(ROOT, 'node_modules')).isSymbolicLink()

describe.skipIf(borrowed)('what is shipped with', () => {
  // biome-ignore lint/suspicious/noExplicitAny: npm's own shapes
  let components: any
  let bomFormat: string
  beforeAll(() => {
    const listed = npm('sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev')
    components = listed.components
    bomFormat = listed.bomFormat
  })
  const ALLOWED = [
    'MIT',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'CC0-1.0',
  ]
  interface Component {
    name: string
    hashes?: object[]
    licenses?: { license?: { id?: string; name?: string }; expression?: string }[]
  }
  /** Whether one of the licences that a package offers is allowed. */
  const isAllowed = ({ licenses = [] }: Component) =>
    licenses.some(({ license, expression }) =>
      (expression ?? license?.id ?? '')
        .replace(/[()]/g, '')
        .split(' OR ')
        .some((name) => ALLOWED.includes(name)),
    )

  test('is listed by npm run sbom, each package with its hash', () => {
    expect(own.scripts.sbom).toBe('npm sbom --sbom-format cyclonedx --omit dev')
    expect(bomFormat).toBe('CycloneDX')
    expect(components.filter(({ hashes = [] }: Component) => hashes.length === 0)).toEqual([])
  })

  test('is no more than 160 packages', () => {
    expect(components.length).toBeGreaterThan(50)
    expect(components.length).toBeLessThanOrEqual(160)
  })

  test('may be used by everybody', () => {
    const others = components.filter((one: Component) => !isAllowed(one)).map(({ name }: Component) => name)
    expect(others).toEqual([])
  })
})

describe('the tarball', () => {
  const [{ files }] = npm('pack', '--dry-run', '--json', '--ignore-scripts')
  const paths: string[] = files.map(({ path }: { path: string }) => path)

  test('holds the program, its migrations, its words, and nothing else', () => {
    const allowed =
      /^(package\.json|README\.md|SECURITY\.md|LICENSE|bin\/zuko-mcp\.js|dist\/[\w/-]+\.js(\.map)?|drizzle\/[\w/-]+\.(sql|json))$/
    expect(paths.filter((path) => !allowed.test(path))).toEqual([])
    for (const path of ['bin/zuko-mcp.js', 'dist/cli.js', 'SECURITY.md', 'LICENSE'])
      expect(paths).toContain(path)
    expect(paths.some((path) => path.endsWith('.sql'))).toBe(true)
  })

  test('maps to sources by relative paths, and tells no path of the computer it was made on', () => {
    for (const path of paths.filter((name) => name.endsWith('.map'))) {
      const { sources, sourceRoot = '' } = JSON.parse(read(path))
      for (const source of [sourceRoot, ...sources]) expect(source, path).not.toMatch(/^(\/|[A-Za-z]:|file:)/)
    }
    expect(paths.filter((path) => read(path).includes(ROOT.replace(/\/$/, '')))).toEqual([])
  })

  test('holds nothing that looks like a secret', () => {
    const secret =
      /-----BEGIN [A-Z ]*PRIVATE KEY|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{36}|\bnpm_\w{36}|\bxox[abp]-\w{10}|\beyJhbGciOi[\w-]+\.eyJ/
    expect(paths.filter((path) => secret.test(read(path)))).toEqual([])
  })
})

describe('SECURITY.md', () => {
  const page = read('SECURITY.md')

  test('states the limits that hold', () => {
    const seconds = (ms: number) => `${ms / 1000} s`
    const { address, signIn, account, register } = ALLOWANCES
    const every = ({ perSecond, burst }: { perSecond: number; burst: number }) =>
      `one in ${Math.round(1 / perSecond)} s, ${burst} at once`
    const rows = Object.fromEntries(
      tableUnder(page, 'Limits').map(([what = '', limit = '']) => [what, limit]),
    )
    expect(rows).toEqual({
      'tool calls per person': '50 a second, 200 at once (`RATE_LIMIT`)',
      'everything without a valid token, per address': `${address.perSecond} a second, ${address.burst} at once`,
      'sign-ins per address': every(signIn),
      'guesses per account': `${every(account)}; a right password costs nothing`,
      'registrations per address': every(register),
      'headers of a request': `${seconds(LIMITS.headersTimeout)}, ${LIMITS.maxHeaderSize / 1024} KiB, ${LIMITS.maxHeadersCount} of them`,
      'a whole request': seconds(LIMITS.requestTimeout),
      'a connection without a byte while a request is under way': seconds(LIMITS.timeout),
      'a connection between two requests': seconds(LIMITS.keepAliveTimeout),
      connections: String(LIMITS.maxConnections),
    })
  })

  test('names the key that results carry and no address of a person', () => {
    expect(page).toContain(`\`${PROVENANCE}\``)
    expect(page).not.toMatch(/[\w.]+@[\w.]+\.\w+/)
  })
})
