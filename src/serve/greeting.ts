import { publicUrls } from '../config.js'
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../demo/people.js'
import type { Settings } from './settings.js'

/** What the person who started it needs next, line by line. */
export function greeting({ config, demo, role }: Settings): string[] {
  const { resource } = publicUrls(config.backendUrl)
  const what = role === 'auth' ? 'The authorization server of Zuko' : 'Zuko'
  const emails = DEMO_PEOPLE.map(({ email }) => email).join(', ')
  return [
    `${what} is ready: ${config.backendUrl}`,
    ...(config.foreign ? [`Sign in at     ${config.foreign.issuer}`] : []),
    ...(demo ? [`Sign in as     ${emails}`, `Password       ${DEMO_PASSWORD}`] : []),
    ...(role === 'auth' ? [] : [`Claude Code    claude mcp add --transport http zuko ${resource}`]),
  ]
}
