import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consentPage, errorPage, frontPage, ICON_SVG, STYLESHEET, signInPage } from '../../src/serve/pages.js'
import { sendAsset, sendPage } from '../../src/serve/web.js'
import { consent, error, front, signIn } from './pages-samples.js'

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  chromium.executablePath(),
].find((path) => existsSync(path))

const ARGUMENTS = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'

const hostile = `"><img src=x onerror=alert(1)><script>alert(1)</script>${'W'.repeat(200)}`

const PAGES: Record<string, string> = {
  'sign-in': signInPage(signIn),
  'hostile-sign-in': signInPage({ ...signIn, error: hostile, client: { name: hostile, host: hostile } }),
  consent: consentPage(consent),
  'hostile-consent': consentPage({
    ...consent,
    client: { ...consent.client, name: hostile, redirectHost: 'a'.repeat(253), uri: `https://x/${hostile}` },
    person: { name: hostile, email: hostile },
    organizations: Array.from({ length: 30 }, (_, i) => `${i}${hostile}`),
  }),
  error: errorPage({ ...error, title: hostile, message: hostile }),
  front: frontPage({ ...front, resource: `https://${'long-name.'.repeat(20)}example.com/api/mcp` }),
}

/** The pages with their real headers, and what was posted, as the browser encoded it. */
async function serve(posted: string[]): Promise<Server> {
  const app = express()
  app.get('/assets/style.css', (_req, res) => sendAsset(res, 'css', STYLESHEET))
  app.get('/assets/icon.svg', (_req, res) => sendAsset(res, 'svg', ICON_SVG))
  app.get('/:name', (req, res) => sendPage(res, 200, PAGES[req.params.name] ?? ''))
  app.post('/auth/:name', express.text({ type: '*/*' }), (req, res) => {
    posted.push(`${req.params.name}?${req.body}`)
    res.end()
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

const WHERE = CHROMIUM ? 'the pages in Chromium' : 'the pages: skipped, no Chromium on this machine'

describe.skipIf(!CHROMIUM)(WHERE, () => {
  let server: Server
  let browser: Browser
  const posted: string[] = []

  beforeAll(async () => {
    server = await serve(posted)
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS.split(' ') })
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function visit(name: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`)
    return page
  }

  it.each(Object.keys(PAGES))('%s fits phones and desks, and every target is 44 px high', async (name) => {
    const page = await visit(name)
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      const found = await page.evaluate(() => ({
        beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        small: [...document.querySelectorAll('a,button,summary,.scope,.field')]
          .filter((target) => target.getBoundingClientRect().height < 44)
          .map((target) => target.outerHTML),
      }))
      expect({ width, ...found }).toEqual({ width, beyond: 0, small: [] })
    }
    await page.close()
  })

  it.each(Object.keys(PAGES))('%s breaks no rule of its CSP and runs nothing', async (name) => {
    const page = await browser.newPage()
    const noticed: string[] = []
    page.on('console', (message) => noticed.push(message.text()))
    page.on('dialog', (dialog) => {
      noticed.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('requestfailed', (request) => noticed.push(request.url()))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`)
    expect(await page.evaluate(() => getComputedStyle(document.body).marginTop)).toBe('0px')
    expect(noticed).toEqual([])
    await page.close()
  })

  it('takes the keyboard through the consent page in the order of reading', async () => {
    const page = await visit('consent')
    const order: string[] = []
    for (let i = 0; i < 5; i += 1) {
      await page.keyboard.press('Tab')
      order.push(
        await page.evaluate(() => {
          const { value, textContent } = document.activeElement as HTMLInputElement
          return value || textContent || ''
        }),
      )
    }
    expect(order).toEqual(['Use another account', 'tasks:read', 'tasks:write', 'deny', 'approve'])
    await page.close()
  })

  it('posts what is left checked, without JavaScript', async () => {
    const page = await visit('consent', { javaScriptEnabled: false })
    await page.getByLabel('Create tasks').uncheck()
    await page.getByRole('button', { name: 'Approve' }).click()
    const [name, body] = posted.pop()?.split(/\?(.*)/s) ?? []
    expect(name).toBe('consent')
    expect([...new URLSearchParams(body)]).toEqual([
      ['query', consent.query],
      ['csrf', 'one-time'],
      ['scope', 'tasks:read'],
      ['decision', 'approve'],
    ])
    await page.close()
  })

  it('refuses on a stray Enter', async () => {
    const page = await visit('consent', { javaScriptEnabled: false })
    await page.getByLabel('Create tasks').press('Enter')
    await page.waitForURL('**/auth/consent')
    expect(posted.pop()).toMatch(/&decision=deny$/)
    await page.close()
  })

  it('selects a whole snippet with one click', async () => {
    const page = await visit('front')
    const snippet = page.locator('#cursor pre code')
    await snippet.click()
    expect(await page.evaluate(() => getSelection()?.toString().trim())).toBe(await snippet.textContent())
    await page.close()
  })
})
