import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { throwing } from '../../src/cli.js'
import { CLIENTS } from '../../src/clients/index.js'
import { connectCommand } from '../../src/connect/command.js'
import { clientFolders } from '../../src/environment.js'
import { temporaryFolder } from '../helpers/folder.js'

const URL_OF_SERVER = 'https://crm.example.com/api/mcp'
const TO_SERVER = ['--url', URL_OF_SERVER]

let home: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  home = temporaryFolder()
})
afterEach(() => home.remove())

/** Runs `connect` with the person's folders below a temporary one, and answers with what it said. */
const connect = (...args: string[]) => connectOn('linux', ...args)

async function connectOn(platform: NodeJS.Platform, ...args: string[]) {
  const said = { out: [] as string[], err: [] as string[] }
  const command = connectCommand({
    folders: clientFolders({}, platform, home.folder),
    working: home.at('project'),
    defaultUrl: 'http://localhost:3001/api/mcp',
    isTTY: true,
    print: (line) => said.out.push(line),
    say: (line) => said.err.push(line),
  })
  await throwing(command).parseAsync(args, { from: 'user' })
  return { out: said.out.join('\n'), err: said.err.join('\n') }
}

const refusal = (...args: string[]): Promise<{ code?: string; message: string; fix?: string }> =>
  connect(...args).then(
    () => ({ message: 'it was not refused' }),
    (error) => error,
  )

const FILE = join('.cursor', 'mcp.json')
const OTHERS = '{\n  // mine\n  "mcpServers": {"docs": {"url": "https://docs.example.com"}}\n}\n'

/** Cursor's file as it is, and the copy beside it. */
const text = (path = FILE) => readFileSync(home.at(path), 'utf8')
const COPY = `${FILE}.before-zuko`

function cursorHas(content: string | Buffer, mode = 0o644): void {
  mkdirSync(home.at('.cursor'), { recursive: true })
  home.file(FILE, content)
  chmodSync(home.at(FILE), mode)
}

describe('connect CLIENT', () => {
  test('adds the server, keeps a copy of what was there, and says what comes next', async () => {
    cursorHas(OTHERS)
    const { out, err } = await connect('cursor', ...TO_SERVER)
    expect(out).toBe(`Cursor: "zuko" added to ${home.at(FILE)}. The file as it was: ${home.at(COPY)}`)
    expect(err).toContain('sign in')
    expect(text()).toContain(`"zuko": {"url":"${URL_OF_SERVER}"}`)
    expect(text()).toContain('// mine')
    expect(text(COPY)).toBe(OTHERS)
  })

  test('twice changes nothing', async () => {
    cursorHas(OTHERS)
    await connect('cursor', ...TO_SERVER)
    const { mtimeMs, ino } = statSync(home.at(FILE))
    expect((await connect('cursor', ...TO_SERVER)).out).toContain('nothing to do')
    expect(statSync(home.at(FILE))).toMatchObject({ mtimeMs, ino })
  })

  test('leaves what a person added to the entry, while it leads there', async () => {
    const own = `{"mcpServers": {"zuko": {"url": "${URL_OF_SERVER}", "headers": {"X-Team": "a"}}}}`
    cursorHas(own)
    expect((await connect('cursor', ...TO_SERVER)).out).toContain('nothing to do')
    expect(text()).toBe(own)
  })

  test('changes the address, and the copy stays the file before the first entry', async () => {
    cursorHas(OTHERS)
    await connect('cursor', '--url', 'https://old.example.com/api/mcp')
    expect((await connect('cursor', ...TO_SERVER)).out).toContain('"zuko" changed in')
    expect(text()).not.toContain('old.example.com')
    expect(text(COPY)).toBe(OTHERS)
  })

  test('takes the default address, a name, and the bridge', async () => {
    await connect('cursor', '--name', 'crm', '--via', 'proxy')
    const args = ['-y', 'zuko-mcp', 'proxy', 'http://localhost:3001/api/mcp']
    expect(JSON.parse(text())).toEqual({ mcpServers: { crm: { command: 'npx', args } } })
  })

  test('makes a file that is not there, for its owner alone', async () => {
    await connect('zed', ...TO_SERVER)
    expect(statSync(home.at('.config/zed/settings.json')).mode & 0o777).toBe(0o600)
  })

  test('keeps the mode, of the copy too', async () => {
    cursorHas(OTHERS, 0o640)
    await connect('cursor', ...TO_SERVER)
    for (const path of [FILE, COPY]) expect(statSync(home.at(path)).mode & 0o777).toBe(0o640)
  })

  test('writes through a link and leaves it a link', async () => {
    mkdirSync(home.at('.cursor'))
    home.file('dotfile.json', OTHERS)
    symlinkSync(home.at('dotfile.json'), home.at(FILE))
    await connect('cursor', ...TO_SERVER)
    expect(text('dotfile.json')).toContain(URL_OF_SERVER)
    expect(existsSync(home.at(COPY))).toBe(true)
  })

  test('writes the file of the project', async () => {
    await connect('vs-code', ...TO_SERVER, '--project')
    expect(JSON.parse(text('project/.vscode/mcp.json'))).toEqual({
      servers: { zuko: { type: 'http', url: URL_OF_SERVER } },
    })
  })

  test('takes the one of two files that is there', async () => {
    mkdirSync(home.at('.config/opencode'), { recursive: true })
    home.file('.config/opencode/opencode.jsonc', '{}')
    await connect('opencode', ...TO_SERVER)
    expect(existsSync(home.at('.config/opencode/opencode.json'))).toBe(false)
    expect(text('.config/opencode/opencode.jsonc')).toContain(URL_OF_SERVER)
  })

  test('answers a program as JSON', async () => {
    expect(JSON.parse((await connect('cursor', ...TO_SERVER, '--json')).out)).toEqual({
      client: 'cursor',
      name: 'zuko',
      did: 'added',
      file: home.at(FILE),
      url: URL_OF_SERVER,
      via: 'http',
    })
  })
})

describe('--undo', () => {
  test('brings the file back byte for byte where nothing else changed', async () => {
    cursorHas(OTHERS)
    await connect('cursor', '--url', 'https://old.example.com/api/mcp')
    await connect('cursor', ...TO_SERVER)
    await connect('cursor', '--undo')
    expect(text()).toBe(OTHERS)
    expect(existsSync(home.at(COPY))).toBe(false)
  })

  test('takes out just the entry where something else changed', async () => {
    cursorHas(OTHERS)
    await connect('cursor', ...TO_SERVER)
    home.file(FILE, text().replace('// mine', '// mine, and more'))
    await connect('cursor', '--undo')
    expect(text()).toBe(OTHERS.replace('// mine', '// mine, and more'))
  })

  test('removes a file that was made for the entry', async () => {
    await connect('cursor', ...TO_SERVER)
    expect((await connect('cursor', '--undo')).out).toContain('gone with it')
    expect(existsSync(home.at(FILE))).toBe(false)
  })

  test('brings back an entry of the same name that stood there before', async () => {
    const own = '{"mcpServers": {"zuko": {"command": "mine"}}}'
    cursorHas(own)
    await connect('cursor', ...TO_SERVER)
    await connect('cursor', '--undo')
    expect(text()).toBe(own)
  })

  test('leaves another name alone', async () => {
    await connect('cursor', ...TO_SERVER)
    await connect('cursor', ...TO_SERVER, '--name', 'crm')
    await connect('cursor', '--undo')
    expect(Object.keys(JSON.parse(text()).mcpServers)).toEqual(['crm'])
  })

  test('without an entry does nothing', async () => {
    cursorHas(OTHERS)
    expect((await connect('cursor', '--undo')).out).toContain('nothing to do')
    expect(text()).toBe(OTHERS)
  })
})

describe('--dry-run and --print', () => {
  test('--dry-run shows a difference that patch would take, and writes nothing', async () => {
    cursorHas('{\n  "mcpServers": {\n    "docs": {}\n  }\n}\n')
    const path = home.at(FILE)
    expect((await connect('cursor', ...TO_SERVER, '--dry-run')).out.split('\n')).toEqual([
      `--- ${path}`,
      `+++ ${path}`,
      '@@ -1,5 +1,8 @@',
      ' {',
      '   "mcpServers": {',
      '-    "docs": {}',
      '+    "docs": {},',
      '+    "zuko": {',
      `+      "url": "${URL_OF_SERVER}"`,
      '+    }',
      '   }',
      ' }',
    ])
    expect(text()).not.toContain('zuko')
    expect(existsSync(home.at(COPY))).toBe(false)
  })

  test('--dry-run of a new file makes not even its folder, and of --undo takes nothing', async () => {
    await connect('windsurf', ...TO_SERVER, '--dry-run')
    expect(existsSync(home.at('.codeium'))).toBe(false)
    await connect('cursor', ...TO_SERVER)
    expect((await connect('cursor', '--undo', '--dry-run')).out).toContain('+++ /dev/null')
    expect(text()).toContain('zuko')
  })

  test('--dry-run says when nothing would change', async () => {
    await connect('cursor', ...TO_SERVER)
    expect(await connect('cursor', ...TO_SERVER, '--dry-run')).toMatchObject({
      out: '',
      err: expect.stringContaining('would stay as it is'),
    })
  })

  test.each(CLIENTS.map((client) => [client.id, client] as const))(
    '--print shows what %s would have alone in its file',
    async (id, client) => {
      const { out } = await connect(id, ...TO_SERVER, '--print')
      await connect(id, ...TO_SERVER)
      const [file = ''] = client.files(clientFolders({}, 'linux', home.folder))
      expect(readFileSync(file, 'utf8')).toBe(`${out}\n`)
    },
  )
})

describe('connect alone', () => {
  test('shows the clients that are here, where they lead, and what to type', async () => {
    await connect('codex', ...TO_SERVER)
    cursorHas('{ broken')
    mkdirSync(home.at('.gemini'))
    const { out, err } = await connect()
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^cursor +.*mcp\.json is not JSON/),
      `codex       ${URL_OF_SERVER}  ${home.at('.codex/config.toml')}`,
      `gemini-cli  not connected  ${home.at('.gemini/settings.json')}`,
    ])
    expect(err).toBe('To connect one: zuko-mcp connect cursor --url URL')
  })

  test('finds the address behind a bridge, for a program', async () => {
    await connect('claude-desktop', ...TO_SERVER)
    expect(JSON.parse((await connect('--json')).out)).toEqual([
      {
        client: 'claude-desktop',
        file: home.at('.config/Claude/claude_desktop_config.json'),
        url: URL_OF_SERVER,
      },
    ])
  })

  test('says that none is here', async () => {
    expect((await connect()).err).toContain('No client was found')
  })
})

describe('refuses', () => {
  const unchanged = async (content: string | Buffer, message: RegExp, ...args: string[]) => {
    cursorHas(content)
    expect((await refusal('cursor', ...TO_SERVER, ...args)).message).toMatch(message)
    expect(readFileSync(home.at(FILE))).toEqual(Buffer.from(content))
    expect(existsSync(home.at(COPY))).toBe(false)
  }

  test('a file that does not parse, with its line', () =>
    unchanged('{\n  "mcpServers": {\n    oops\n  }\n}', /mcp\.json is not JSON: InvalidSymbol on line 3/))
  test('a file that holds no object', () => unchanged('[]', /holds no JSON object/))
  test('servers that are no object', () =>
    unchanged('{"mcpServers": []}', /has "mcpServers", which is not an object/))
  test('a key that is there twice', () =>
    unchanged('{"mcpServers": {}, "mcpServers": {}}', /has "mcpServers" twice/))
  test('a file that is not UTF-8', () => unchanged(Buffer.from([0x7b, 0xff, 0x7d]), /is not UTF-8/))

  test('TOML that does not parse, and a server that is no table of its own', async () => {
    mkdirSync(home.at('.codex'))
    home.file('.codex/config.toml', 'a = 1\nb = ')
    expect((await refusal('codex', ...TO_SERVER)).message).toMatch(/is not TOML: .* on line 2/)
    home.file('.codex/config.toml', '[mcp_servers]\nzuko = { url = "x" }')
    expect((await refusal('codex', ...TO_SERVER)).message).toContain('another form than a table of its own')
    home.file('.codex/config.toml', 'mcp_servers = { docs = { url = "x" } }')
    expect((await refusal('codex', ...TO_SERVER)).message).toMatch(/is not TOML/)
    expect(text('.codex/config.toml')).toBe('mcp_servers = { docs = { url = "x" } }')
  })

  test('a read-only file', async () => {
    cursorHas(OTHERS, 0o444)
    expect(await refusal('cursor', ...TO_SERVER)).toMatchObject({
      message: `${home.at(FILE)} is read-only.`,
      fix: expect.stringContaining('--print'),
    })
    expect(text()).toBe(OTHERS)
  })

  test('a link that leads nowhere, and a folder', async () => {
    mkdirSync(home.at('.cursor'))
    symlinkSync(home.at('nowhere'), home.at(FILE))
    expect((await refusal('cursor', ...TO_SERVER)).message).toContain('a link to a file that is not there')
    mkdirSync(dirname(home.at('.codeium/windsurf/mcp_config.json/x')), { recursive: true })
    expect((await refusal('windsurf', ...TO_SERVER)).message).toContain('cannot be read: EISDIR')
  })

  test.each([
    [['cursor', '--url', 'crm.example.com'], 'is not the address of a server'],
    [['cursor', '--url', 'ftp://crm.example.com/'], 'is not the address of a server'],
    [['cursor', '--url', 'https://ada:pw@crm.example.com/'], 'holds a password'],
    [['cursor', '--url', 'http://crm.example.com/'], 'is not encrypted'],
    [['cursor', '--name', 'a.b'], 'is not a name that every client takes'],
    [['cursor', '--via', 'pipe'], 'Allowed choices are http, proxy'],
    [['emacs'], 'Allowed choices are claude-code, claude-desktop, cursor'],
    [['claude-desktop', '--project'], 'Claude Desktop has no file for a single project'],
    [['--undo'], 'No client is named'],
    [['cursor', '--print', '--undo'], "cannot be used with option '--undo'"],
  ])('%j', async (args, message) => {
    const error = await refusal(...args)
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain(message)
  })
})

test('a file that somebody changes in between is left alone', async () => {
  const { readState, replace } = await import('../../src/connect/file.js')
  cursorHas(OTHERS)
  const state = await readState(home.at(FILE))
  writeFileSync(home.at(FILE), '{}')
  await expect(replace(state, 'x')).rejects.toMatchObject({
    message: expect.stringContaining('was changed by somebody else'),
  })
  expect(text()).toBe('{}')
})

describe('where clients keep their files', () => {
  const first = (id: string, folders: ReturnType<typeof clientFolders>) =>
    CLIENTS.find((one) => one.id === id)?.files(folders)[0]

  test.each([
    ['claude-desktop', 'darwin', {}, 'Library/Application Support/Claude/claude_desktop_config.json'],
    ['claude-desktop', 'win32', {}, 'AppData/Roaming/Claude/claude_desktop_config.json'],
    ['vs-code', 'darwin', {}, 'Library/Application Support/Code/User/mcp.json'],
    ['vs-code', 'linux', {}, '.config/Code/User/mcp.json'],
    ['zed', 'darwin', {}, '.config/zed/settings.json'],
    ['zed', 'win32', {}, 'AppData/Roaming/Zed/settings.json'],
    ['zed', 'linux', { XDG_CONFIG_HOME: '/h/x' }, 'x/zed/settings.json'],
    ['claude-code', 'linux', {}, '.claude.json'],
    ['claude-code', 'linux', { CLAUDE_CONFIG_DIR: '/h/c' }, 'c/.claude.json'],
    ['codex', 'linux', { CODEX_HOME: '/h/c' }, 'c/config.toml'],
    ['gemini-cli', 'linux', { GEMINI_CLI_HOME: '/h/g' }, 'g/.gemini/settings.json'],
  ] as const)('%s on %s with %j', (id, platform, env, path) => {
    expect(first(id, clientFolders(env, platform, '/h'))).toBe(`/h/${path}`)
  })

  test('Windows starts the bridge through its shell, which must read nothing into the address', async () => {
    await connectOn('win32', 'claude-desktop', ...TO_SERVER)
    const file = text('AppData/Roaming/Claude/claude_desktop_config.json')
    expect(JSON.parse(file).mcpServers.zuko).toEqual({
      command: 'cmd',
      args: ['/c', 'npx', '-y', 'zuko-mcp', 'proxy', URL_OF_SERVER],
    })
    const hostile = ['--url', 'https://crm.example.com/api/mcp?a&calc']
    await expect(connectOn('win32', 'claude-desktop', ...hostile)).rejects.toMatchObject({ code: 'USAGE' })
    await connectOn('win32', 'cursor', ...hostile)
    expect(text()).toContain('?a&calc')
  })
})
