import type { Client } from '../client.js'

export const inspector: Client = {
  id: 'inspector',
  name: 'MCP Inspector CLI',
  package: '@modelcontextprotocol/inspector',
  transports: ['http', 'proxy'],
  how: 'one `mcp-inspector --cli` for each step',
  async open({ transport, url, bridge, run, open }) {
    const target = transport === 'http' ? [url, '--transport', 'http'] : [...bridge]
    const flags = ['--cli', '--protocol-era', 'auto', '--format', 'json']
    // It prints the address that a person opens.
    let opened = transport === 'proxy'
    const onText = (text: string) => {
      const [address] = /http\S+\/oauth2\/authorize\?\S+(?=\s)/.exec(text) ?? []
      if (!address || opened) return
      opened = true
      open(address)
    }
    const env = { MCP_AUTO_OPEN_ENABLED: 'true' }
    const inspect = (...words: string[]) =>
      run('mcp-inspector', [...flags, ...words, ...target], { env, onText })
    async function call(tool: string, args: Record<string, unknown>): Promise<string> {
      const given = ['--tool-name', tool, '--tool-args-json', JSON.stringify(args)]
      const said = await inspect('--method', 'tools/call', ...given)
      return said.stdout || said.text
    }
    return {
      login: async () =>
        transport === 'http'
          ? (await inspect('--method', 'tools/list')).text
          : call('list_organizations', {}),
      async list() {
        const said = await inspect('--method', 'tools/list')
        return JSON.parse(said.stdout).tools.map(({ name }: { name: string }) => name)
      },
      call,
    }
  },
}
