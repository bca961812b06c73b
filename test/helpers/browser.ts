import { request as plainly } from 'node:http'
import { request as securely } from 'node:https'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
  url: string
}

interface Sending {
  method?: string
  headers?: Record<string, string>
  form?: Record<string, string | string[]>
  json?: unknown
}

/**
 * A browser as far as a sign-in needs one: cookies, forms, redirects one at a time. It speaks through node:http,
 * because `fetch` adds `Sec-Fetch-Mode: cors`, on which authorization servers answer JSON instead of a redirect.
 * What is `always` there goes with every request.
 */
export function createBrowser(address?: string, always: Record<string, string> = {}) {
  const jar = new Map<string, string>()

  function keep(cookies: string[]): void {
    for (const cookie of cookies) {
      const [pair = '', ...attributes] = cookie.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (value === '' || attributes.some((each) => /^\s*max-age=0$/i.test(each))) jar.delete(name)
      else jar.set(name, value)
    }
  }

  function send(url: string, { method = 'GET', headers = {}, form, json }: Sending = {}): Promise<Answer> {
    const target = new URL(url)
    const body = form
      ? new URLSearchParams(pairs(form)).toString()
      : json === undefined
        ? undefined
        : JSON.stringify(json)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const request = target.protocol === 'https:' ? securely : plainly
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Promise((resolve, reject) => {
      const outgoing = request(target, {
        agent: false,
        method: body === undefined ? method : 'POST',
        ...(address ? { localAddress: address } : {}),
        headers: {
          accept: 'text/html,application/xhtml+xml',
          'sec-fetch-mode': 'navigate',
          ...(cookie ? { cookie } : {}),
          ...(body === undefined ? {} : { 'content-type': type, origin: target.origin }),
          ...always,
          ...headers,
        },
      })
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        incoming.on('end', () => {
          keep(incoming.headers['set-cookie'] ?? [])
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text, url })
        })
      })
      outgoing.end(body)
    })
  }

  /** Follows redirects on the same server; stops at the first that leads elsewhere, whose Location is `left`. */
  async function follow(answer: Answer): Promise<Answer & { left?: string }> {
    let current = answer
    for (let hop = 0; hop < 10; hop += 1) {
      const location = current.headers.location as string | undefined
      if (!location) return current
      const next = new URL(location, current.url)
      if (next.host !== new URL(current.url).host) return { ...current, left: next.href }
      current = await send(next.href)
    }
    throw new Error('too many redirects')
  }

  return { jar, send, follow, open: async (url: string) => follow(await send(url)) }
}

export type Browser = ReturnType<typeof createBrowser>

const pairs = (form: Record<string, string | string[]>): string[][] =>
  Object.entries(form).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** The value of a named input of a page. */
export function inputValue(page: string, name: string): string {
  const tag = page.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`))?.[0]
  const value = tag?.match(/value="([^"]*)"/)?.[1]
  if (value === undefined) throw new Error(`the page has no input named ${name}`)
  return unescaped(value)
}
