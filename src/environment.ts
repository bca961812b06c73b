import { homedir } from 'node:os'
import { join } from 'node:path'
import { ZukoError } from './errors.js'

/**
 * What the environment says to `proxy`. It stands apart from config.ts because the bridge has to answer a host
 * before a schema library could be loaded.
 */

export const DEFAULT_MCP_URL = 'http://localhost:3001/api/mcp'

/** The user's data directory for this program: where `env-paths` puts it, without the time that takes to load. */
export function dataDirectory(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'zuko-mcp')
  if (platform === 'win32')
    return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'zuko-mcp', 'Data')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'zuko-mcp')
}

export interface ProxyEnvironment {
  /** Where `proxy` goes when no address is given. */
  url: string
  /** A ready access token; it takes the place of a login. */
  token: string | undefined
  /** HTTP proxies in front of http: and https: addresses, and the hosts that are reached without one. */
  httpProxy: string | undefined
  httpsProxy: string | undefined
  noProxy: string
}

/** Reads what `proxy` needs. An empty variable counts as unset; lower case wins, as in curl. */
export function proxyEnvironment(env: NodeJS.ProcessEnv = process.env): ProxyEnvironment {
  const either = (name: string) => env[name] || env[name.toUpperCase()] || undefined
  return {
    url: env.ZUKO_MCP_URL || DEFAULT_MCP_URL,
    token: env.ZUKO_TOKEN || undefined,
    httpProxy: either('http_proxy') ?? either('all_proxy'),
    httpsProxy: either('https_proxy') ?? either('all_proxy'),
    noProxy: either('no_proxy') ?? '',
  }
}

/** What surrounds the person at this machine. */
export interface Desktop {
  /** A browser that somebody opens here can be seen. */
  display: boolean
  /** Linux inside Windows, where Windows opens addresses. */
  wsl: boolean
  /** A Linux keyring can be reached. */
  sessionBus: boolean
}

export const readDesktop = (env: NodeJS.ProcessEnv = process.env): Desktop => ({
  display: Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER),
  wsl: Boolean(env.WSL_DISTRO_NAME),
  sessionBus: Boolean(env.DBUS_SESSION_BUS_ADDRESS),
})

/**
 * Puts the environment's values in the place of each `${NAME}`.
 * @throws ZukoError USAGE that names a variable which is not set
 */
export function expandVariables(text: string, env: NodeJS.ProcessEnv = process.env): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env[name]
    if (value !== undefined) return value
    throw new ZukoError('USAGE', `The environment variable ${name} is not set.`, {
      fix: `set ${name}, or write the value itself`,
    })
  })
}

/**
 * Where MCP clients keep what belongs to a person. Shaped as clients/client.ts wants it, which stands higher.
 */
export function clientFolders(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
) {
  const config = env.XDG_CONFIG_HOME || join(home, '.config')
  const programs = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: env.APPDATA || join(home, 'AppData', 'Roaming'),
  }
  return {
    platform,
    home,
    config,
    programs: programs[platform as keyof typeof programs] ?? config,
    claude: env.CLAUDE_CONFIG_DIR || undefined,
    codex: env.CODEX_HOME || undefined,
    gemini: env.GEMINI_CLI_HOME || undefined,
  }
}
