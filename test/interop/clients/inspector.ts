import type { Client } from '../client.js'

export const inspector: Client = {
  id: 'inspector',
  name: 'MCP Inspector CLI',
  package: '@modelcontextprotocol/inspector',
  transports: ['http', 'proxy'],
  how: 'one `mcp-inspector --cli` for each step, with `MCP_INSPECTOR_SECRET_STORE=file`; over the bridge `zuko-mcp proxy login` ahead of it',
  async open({ transport, url, bridge, signIn, run, open }) {
    const target = transport === 'http' ? [url, '--transport', 'http'] : [...bridge]
    const flags = ['--cli', '--protocol-era', 'auto']
    // It prints the address that a person opens.
    let opened = false
    const onText = (text: string) => {
      const [address] = /http\S+\/oauth2\/authorize\?\S+(?=\s)/.exec(text) ?? []
      if (!address || opened) return
      opened = true
      open(address)
    }
    // In a container, where there is no keychain, it would keep what it is given for one process only.
    const env = { MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' }
    const inspect = (...words: string[]) =>
      run('mcp-inspector', [...flags, ...words, ...target], { env, onText })
    async function call(tool: string, args: Record<string, unknown>): Promise<string> {
      const given = ['--tool-name', tool, '--tool-args-json', JSON.stringify(args)]
      const said = await inspect('--method', 'tools/call', ...given)
      return said.stdout || said.text
    }
    return {
      // The bridge that it starts is not told of the screen, and would open no browser.
      login: async () => (transport === 'http' ? (await inspect('--method', 'tools/list')).text : signIn()),
      async list() {
        const said = await inspect('--method', 'tools/list')
        return JSON.parse(said.stdout).tools.map(({ name }: { name: string }) => name)
      },
      call,
    }
  },
}
