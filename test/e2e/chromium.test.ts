import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, launchChromium } from '../helpers/chromium.js'
import { authorizeUrl, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

const title = chromiumPath
  ? 'a person in Chromium'
  : 'a person in Chromium (skipped: no Chromium found on this machine)'

describe.skipIf(!chromiumPath)(title, () => {
  let served: Served
  let browser: Browser
  let client: Server
  let redirectUri: string
  const arrived: URL[] = []

  beforeAll(async () => {
    served = await serveAll()
    await twoPeople(served)
    client = createServer((req, res) => {
      if (req.url?.startsWith('/callback')) arrived.push(new URL(req.url, redirectUri))
      res.end('You can close this window.')
    })
    await new Promise<void>((resolve) => client.listen(0, '127.0.0.1', resolve))
    redirectUri = `http://127.0.0.1:${(client.address() as AddressInfo).port}/callback`
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    client.close()
    await served.close()
  })

  test('signs in with the keyboard, unchecks a scope, approves, and the client gets what was left', async () => {
    const verifier = newVerifier()
    const clientId = await register(served.base, { redirect_uris: [redirectUri], client_name: 'Desk & Co' })
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))

    await page.goto(authorizeUrl({ base: served.base, clientId, redirectUri }, verifier))
    expect(await page.title()).toContain('Zuko')
    await page.fill('input[name=email]', 'ada@example.com')
    await page.fill('input[name=password]', 'not the password')
    await page.keyboard.press('Enter')
    expect(await page.textContent('[role=alert]')).toContain('do not belong together')
    expect(await page.inputValue('input[name=email]')).toBe('ada@example.com')
    await page.fill('input[name=password]', PASSWORD)
    await page.keyboard.press('Enter')

    await page.waitForSelector('button[name=decision]')
    expect(await page.textContent('main')).toContain('Desk & Co')
    expect(await page.locator('input[name=scope]:checked').count()).toBe(3)
    await page.uncheck('input[name=scope][value="tasks:write"]')
    await page.click('button[name=decision][value=approve]')
    await page.waitForURL(`${redirectUri}**`)
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([])

    const code = arrived.at(-1)?.searchParams.get('code') ?? ''
    const { status, body } = await tokenRequest(served.base, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    })
    expect(status).toBe(200)
    expect(body.scope.split(' ').sort()).toEqual(['offline_access', 'organizations:read', 'tasks:read'])
    await page.close()
  })

  test('denies, and the client is told', async () => {
    const clientId = await register(served.base, { redirect_uris: [redirectUri] })
    const page = await browser.newPage()
    await page.goto(authorizeUrl({ base: served.base, clientId, redirectUri }, newVerifier()))
    await page.fill('input[name=email]', 'ada@example.com')
    await page.fill('input[name=password]', PASSWORD)
    await page.keyboard.press('Enter')
    await page.click('button[name=decision][value=deny]')
    await page.waitForURL(`${redirectUri}**`)
    expect(arrived.at(-1)?.searchParams.get('error')).toBe('access_denied')
    await page.close()
  })
})
