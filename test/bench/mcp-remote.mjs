// What the bridge is compared with.
import { join } from 'node:path'
import { peers } from './peers.mjs'

/** What Node runs. */
export const mcpRemote = () => join(peers(), 'mcp-remote', 'dist', 'proxy.js')
