/**
 * T28 (clickjacking) and T37 (stored and reflected scripts) of the threat table, in a real browser against the
 * built program. Escaping as such, payload by payload: test/serve/pages-escaping.test.ts.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, launchChromium } from '../helpers/chromium.js'
import { type Listening, listen } from '../helpers/http.js'
import { authorizeUrl, CALLBACK, newVerifier, register } from '../helpers/oauth.js'
import { ADA, type Serving, startServing } from '../helpers/serving.js'

/** Each would show a dialog, load something or break out of its place, if it were not text. */
const PAYLOADS = [
  '<script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  '<img src=x onerror=alert(1)>',
  '<img/src=x/onerror=alert(1)>',
  '<img src=x:alert(1) onerror=eval(src)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><script>alert(1)</script></mtext></math>',
  '<iframe src="javascript:alert(1)">',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<object data="javascript:alert(1)">',
  '<embed src="javascript:alert(1)">',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)></video>',
  '<audio src onerror=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<select autofocus onfocus=alert(1)>',
  '<marquee onstart=alert(1)>',
  '<form action="javascript:alert(1)"><button autofocus>x',
  '<button formaction="javascript:alert(1)">x',
  '<a href="javascript:alert(1)" autofocus>x</a>',
  '<base href="https://evil.example/">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<style>@import "https://evil.example/x.css";</style>',
  '<div style="background:url(https://evil.example/x)">',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<!--><script>alert(1)</script>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '" autofocus onfocus="alert(1)',
  "' autofocus onfocus='alert(1)",
  '` onmouseover=`alert(1)',
  '" style="animation:x" onanimationstart="alert(1)',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '\\x3cscript\\x3ealert(1)\\x3c/script\\x3e',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  '＜script＞alert(1)＜/script＞',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<ScRiPt >alert(1)</sCrIpT >',
  '<script/src=data:,alert(1)>',
  '<script\u2028>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a payload against template engines
  '${alert(1)}',
  '#{alert(1)}',
  '<%= alert(1) %>',
]

const title = chromiumPath
  ? 'pages in Chromium'
  : 'pages in Chromium (skipped: no Chromium found on this machine)'

describe.skipIf(!chromiumPath)(title, { timeout: 60_000 }, () => {
  let serving: Serving
  let base: string
  let browser: Browser
  let context: BrowserContext
  /** What a page must not do: show a dialog, break its policy, ask another host, fail. */
  const complaints: string[] = []
  let evil: Listening

  beforeAll(async () => {
    serving = await startServing({
      env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn' },
      async fill(store) {
        const at = Date.now()
        const ada = await store.people.findByEmail(ADA.email)
        for (const [index, name] of PAYLOADS.entries()) {
          const { id } = await store.organizations.add({ name, slug: `payload-${index}`, at })
          await store.members.add({ userId: ada?.id ?? 0, organizationId: id, role: 'member', at })
        }
      },
    })
    base = serving.base
    browser = await launchChromium()
    context = await browser.newContext()
    await context.exposeFunction('complain', (text: string) => complaints.push(text))
    await context.addInitScript(() => {
      const complain = (window as unknown as { complain(text: string): void }).complain
      addEventListener('securitypolicyviolation', (event) => complain(`policy: ${event.violatedDirective}`))
    })
    context.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    context.on('request', (request) => {
      if (!request.url().startsWith(base)) complaints.push(`request: ${request.url()}`)
    })
    context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
    evil = await listen((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title>'),
    )
  })
  afterAll(async () => {
    await browser?.close()
    await evil?.close()
    await serving?.stop()
  })

  const from = (index: number) => ({ 'x-forwarded-for': `10.4.0.${index}` })
  async function signIn(page: Page): Promise<void> {
    await page.fill('input[name=email]', ADA.email)
    await page.fill('input[name=password]', ADA.password)
    await page.click('button[type=submit]')
    await page.waitForSelector('button[name=decision]')
  }
  const registered = (metadata: Record<string, unknown>, index: number) =>
    fetch(`${base}/auth/oauth2/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from(index) },
      body: JSON.stringify({ redirect_uris: [CALLBACK], ...metadata }),
    }).then(async (answer) => (await answer.json()).client_id as string)
  const unharmed = async (page: Page, name: string) => {
    expect(
      await page.evaluate(
        () =>
          [...document.scripts].length +
          document.querySelectorAll('[onerror],iframe,object,embed,base').length,
      ),
    ).toBe(0)
    expect({ name, complaints }).toEqual({ name, complaints: [] })
  }

  test('every payload as the name of an organization is text', async () => {
    const page = await context.newPage()
    await page.goto(authorizeUrl({ base, clientId: await register(base) }, newVerifier()))
    await signIn(page)
    await unharmed(page, 'organizations')
    const shown = await page.textContent('body')
    expect(PAYLOADS.filter((text) => shown?.includes(text)).length).toBeGreaterThan(PAYLOADS.length / 2)
    await page.close()
  })

  /** The payloads in groups, each for one visit. */
  const groups = (size: number): string[][] =>
    PAYLOADS.flatMap((_, index) => (index % size ? [] : [PAYLOADS.slice(index, index + size)]))

  test('every payload as what a client says of itself, or sends along, is text', async () => {
    const page = await context.newPage()
    for (const [index, [name = '', path = '', state = '', nonce = '']] of groups(4).entries()) {
      const said = { client_name: name, client_uri: `https://client.example/${path}` }
      const clientId = await registered(said, 1)
      await page.setExtraHTTPHeaders(from(100 + index))
      await page.goto(authorizeUrl({ base, clientId, extra: { state, nonce } }, newVerifier()))
      await unharmed(page, [name, path, state, nonce].join(' '))
    }
    await page.close()
  })

  test('every payload in a query is text or not there at all', async () => {
    const page = await context.newPage()
    const names =
      'error error_description state client_id redirect_uri scope login_hint next sig message'.split(' ')
    const paths = [
      ['/auth/oauth2/authorize', '/nothing'],
      ['/auth/sign-in', '/auth/consent'],
    ]
    for (const [index, texts] of groups(names.length).entries()) {
      await page.setExtraHTTPHeaders(from(140 + index))
      const query = new URLSearchParams(texts.map((text, at) => [names[at] ?? '', text]))
      for (const path of paths[index % 2] ?? []) {
        await page.goto(`${base}${path}?${query}`)
        await unharmed(page, `${path} ${query}`)
      }
    }
    await page.close()
  })

  test('a payload as an email address is text', async () => {
    const page = await context.newPage()
    await context.clearCookies()
    const clientId = await registered({}, 50)
    for (const [index, [text = '']] of groups(20).entries()) {
      await page.setExtraHTTPHeaders(from(160 + index))
      await page.goto(authorizeUrl({ base, clientId }, newVerifier()))
      await page.evaluate(() => document.querySelector('input[name=email]')?.setAttribute('type', 'text'))
      await page.fill('input[name=email]', text)
      await page.fill('input[name=password]', 'not the password')
      await page.click('button[type=submit]')
      await page.waitForSelector('[role=alert]')
      await unharmed(page, text)
    }
    await page.close()
  })

  describe('in a frame of another site', () => {
    /** Where a frame of the evil site ends up that is told to show an address. */
    async function framed(page: Page, url: string): Promise<string> {
      await page.goto(evil.origin)
      await page.setContent(`<iframe name="inner" src="${url.replaceAll('&', '&amp;')}"></iframe>`)
      const inner = page.frames().find((frame) => frame.name() === 'inner')
      await inner?.waitForLoadState('load')
      return inner?.url() ?? ''
    }
    const REFUSED = 'chrome-error://chromewebdata/'

    test('a page that allows it is seen, so that what follows can fail', async () => {
      const page = await browser.newPage()
      expect(await framed(page, `${evil.origin}/`)).toBe(`${evil.origin}/`)
      await page.close()
    })

    test.each(['/', '/nothing', '/auth/sign-in', '/auth/consent', '/auth/oauth2/authorize'])(
      '%s is not shown',
      async (path) => {
        const page = await browser.newPage()
        expect(await framed(page, `${base}${path}`)).toBe(REFUSED)
        await page.close()
      },
    )

    test('consent is not shown to a person who is signed in, though the sites count as one', async () => {
      const page = await browser.newPage()
      const url = authorizeUrl({ base, clientId: await registered({}, 51) }, newVerifier())
      await page.goto(url)
      await signIn(page)
      expect(await framed(page, url)).toBe(REFUSED)
      await page.close()
    })
  })
})
