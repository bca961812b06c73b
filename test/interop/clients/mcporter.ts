import { freePort } from '../../helpers/program.js'
import type { Client } from '../client.js'

export const mcporter: Client = {
  id: 'mcporter',
  name: 'mcporter',
  package: 'mcporter',
  transports: ['http', 'proxy'],
  how: '`mcporter config add` with `--oauth-redirect-url`; `mcporter auth zuko`; one `mcporter call` for each call',
  async open({ transport, url, bridge: [command, ...args], run }) {
    const mcporterDo = (words: string[]) => run('mcporter', words)
    // Without an address of its own it registers anew in each process, and cannot use the refresh token of the last.
    const back = `http://127.0.0.1:${await freePort()}/callback`
    const target =
      transport === 'http'
        ? ['zuko', url, '--oauth-redirect-url', back]
        : ['zuko', '--command', command, ...args.flatMap((arg) => ['--arg', arg])]
    const added = await mcporterDo(['config', 'add', ...target, '--scope', 'home'])
    if (added.code !== 0) throw new Error(added.text)
    const call = async (tool: string, given: Record<string, unknown>) => {
      const said = await mcporterDo([
        'call',
        `zuko.${tool}`,
        '--args',
        JSON.stringify(given),
        '--output',
        'text',
      ])
      return said.stdout || said.text
    }
    return {
      login: async () =>
        transport === 'http' ? (await mcporterDo(['auth', 'zuko'])).text : call('list_organizations', {}),
      async list() {
        const { stdout } = await mcporterDo(['list', 'zuko', '--json'])
        return JSON.parse(stdout).tools.map(({ name }: { name: string }) => name)
      },
      call,
    }
  },
}
