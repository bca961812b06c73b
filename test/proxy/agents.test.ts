import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { proxyFor } from '../../src/proxy/agents.js'
import { fetchThrough } from '../../src/proxy/fetch.js'
import { isExempt } from '../../src/proxy/no-proxy.js'
import { openHost, request } from '../helpers/bridge.js'
import { fakeMcp } from '../helpers/fake-mcp.js'

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
})

/** An HTTP proxy that leads every name to this computer, and records what it is asked. */
async function httpProxy(status = 200) {
  const asked: { target: string; authorization: string | undefined }[] = []
  const server = createServer()
  server.on('connect', ({ url = '', headers }, socket) => {
    asked.push({ target: url, authorization: headers['proxy-authorization'] })
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const onward = connect(Number(url.split(':').pop()), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    return socket.on('error', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('an HTTP proxy', () => {
  const variables = (url: string) => ({ httpProxy: url, httpsProxy: undefined, noProxy: '' })

  test('is gone through with CONNECT and its password', async () => {
    const [proxy, server] = [await httpProxy(), await fakeMcp()]
    const url = new URL(server.url)
    url.hostname = 'mcp.example'
    const host = openHost({ url, proxies: variables(proxy.url.replace('//', '//me:p%40ss@')) })
    host.send(request('tools/call', { name: 'echo', arguments: { text: 'a' } }, 1))
    expect((await host.answer(1)).result.content[0].text).toBe('a')
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
    expect(proxy.asked).toEqual([{ target: `mcp.example:${url.port}`, authorization: basic }])
    await host.end()
    await server.close()
  })

  test('that refuses is named in the answer', async () => {
    const proxy = await httpProxy(407)
    const host = openHost({ url: new URL('http://mcp.example/mcp'), proxies: variables(proxy.url) })
    host.send(request('tools/call', { name: 'echo' }, 1))
    const { message } = (await host.answer(1)).error
    expect(message).toContain(new URL(proxy.url).host)
    expect(message).toContain('407')
    await host.end()
  })

  test('serves fetch too, which follows no redirect', async () => {
    const proxy = await httpProxy()
    const server = createServer((_, response) =>
      response.writeHead(302, { location: '/x', 'x-a': 'b' }).end('moved'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push(server)
    const fetch = fetchThrough(variables(proxy.url))
    const response = await fetch(`http://as.example:${(server.address() as AddressInfo).port}/token`, {
      method: 'POST',
      body: 'a=b',
    })
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([302, 'b', 'moved'])
    expect(proxy.asked).toHaveLength(1)
  })

  test('without one, fetch is Node’s own', () => {
    expect(fetchThrough({ httpProxy: undefined, httpsProxy: undefined, noProxy: '' })).toBe(globalThis.fetch)
  })

  test('is chosen by the scheme of the server', () => {
    const both = { httpProxy: 'http://a:1', httpsProxy: 'b:2', noProxy: '' }
    expect(proxyFor(new URL('http://x/'), both)?.href).toBe('http://a:1/')
    expect(proxyFor(new URL('https://x/'), both)?.href).toBe('http://b:2/')
  })

  test.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'])('is never asked for %s', (name) => {
    expect(
      proxyFor(new URL(`http://${name}/`), { httpProxy: 'http://a:1', httpsProxy: undefined, noProxy: '' }),
    ).toBeUndefined()
  })

  test('that is no address is refused', () => {
    const wrong = { httpProxy: 'socks5://a:1', httpsProxy: undefined, noProxy: '' }
    expect(() => proxyFor(new URL('http://x/'), wrong)).toThrow('not an http or https address')
  })
})

describe('NO_PROXY', () => {
  test.each([
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://a.example.com/', true],
    ['.example.com', 'https://a.example.com/', true],
    ['*.example.com', 'https://a.example.com/', true],
    ['example.com', 'https://badexample.com/', false],
    ['EXAMPLE.com', 'https://Example.COM/', true],
    ['example.com:8443', 'https://example.com/', false],
    ['example.com:443', 'https://example.com/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['fe80::1', 'http://[fe80::1]/', true],
    ['[fe80::1]', 'http://[fe80::1]/', true],
    ['*', 'https://anything/', true],
    ['a, b  c', 'http://c/', true],
    ['', 'http://c/', false],
  ])('%j exempts %s: %s', (list, url, exempt) => {
    expect(isExempt(new URL(url), list)).toBe(exempt)
  })
})

test('a server at an IPv6 address is reached', async () => {
  const server = createServer((incoming, response) => {
    incoming
      .resume()
      .on('end', () =>
        response
          .setHeader('content-type', 'application/json')
          .end('{"jsonrpc":"2.0","id":1,"result":{"six":true}}'),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve))
  open.push(server)
  const host = openHost({ url: new URL(`http://[::1]:${(server.address() as AddressInfo).port}/mcp`) })
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).result).toEqual({ six: true })
  await host.end()
})
