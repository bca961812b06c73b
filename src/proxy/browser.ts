import { spawn } from 'node:child_process'
import type { Desktop } from '../environment.js'

/** A program and its arguments; the address is one of them, and no shell ever sees it. */
export type Launch = readonly [program: string, ...parameters: string[]]

/** How this system opens an address; undefined where nobody could see a browser. */
export function launchFor(
  url: URL,
  platform: NodeJS.Platform,
  desktop: Pick<Desktop, 'display' | 'wsl'>,
): Launch | undefined {
  const { href } = url
  if (platform === 'darwin') return ['open', href]
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', href]
  if (desktop.wsl) return ['rundll32.exe', 'url.dll,FileProtocolHandler', href]
  return desktop.display ? ['xdg-open', href] : undefined
}

/**
 * Opens an address, already found safe, in the person's browser. The helper lives on by itself.
 * Answers whether one was started.
 */
export async function openInBrowser(url: URL): Promise<boolean> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  const { readDesktop } = await import('../environment.js')
  const launch = launchFor(url, process.platform, readDesktop())
  if (!launch) return false
  const [program, ...parameters] = launch
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      shell: false,
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
    })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
