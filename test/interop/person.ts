/** The person at the browser: whatever address a client opens is walked through in Chromium, as Ada. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../src/demo.js'

export type Decision = 'approve' | 'deny'

export interface Person {
  /** What clients need to find this browser: programs on the PATH, and that there is a screen. */
  env: Record<string, string>
  decides: Decision
  /** How often a sign-in was walked through to its end. */
  signIns(): number
  /** What the client's own page said at the end of the last one. */
  lastPage(): string
  /** Opens an address that a client only printed. */
  open(url: string): void
  /** Waits for what is under way at the browser. */
  settled(): Promise<void>
  leave(): Promise<void>
}

/**
 * How long a person reads before declining. Clients begin the login before their model has a turn; one who declined
 * at once would be done before the call that is told of it.
 */
const READING_MS = 5000

/** Screenshots that a login leaves behind, when there is a folder for them. */
const shoot = async (page: Page, folder: string | undefined, name: string): Promise<void> => {
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

async function walk(browser: Browser, url: string, decision: Decision, images?: string): Promise<string> {
  const context = await browser.newContext({ viewport: { width: 560, height: 720 } })
  try {
    const page = await context.newPage()
    await page.goto(url)
    await page.fill('input[name=email]', DEMO_PEOPLE[0].email)
    await shoot(page, images, 'sign-in')
    await page.fill('input[name=password]', DEMO_PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForSelector('button[name=decision]')
    await shoot(page, images, 'consent')
    if (decision === 'deny') await sleep(READING_MS)
    const server = new URL(url).host
    await Promise.all([
      page.waitForURL((at) => at.host !== server, { timeout: 15_000 }),
      page.click(`button[name=decision][value=${decision}]`),
    ])
    return (await page.innerText('body')).replace(/\s+/g, ' ').trim().slice(0, 300)
  } finally {
    await context.close()
  }
}

/** A person with a home folder, in which the programs that open a browser are put. */
export function createPerson(browser: Browser, folder: string, images?: string): Person {
  const programs = join(folder, 'programs')
  const opened = join(folder, 'opened')
  mkdirSync(programs, { recursive: true })
  for (const name of ['xdg-open', 'open', 'x-www-browser']) {
    writeFileSync(join(programs, name), `#!/bin/sh\nprintf '%s\\n' "$1" >> '${opened}'\n`)
    chmodSync(join(programs, name), 0o755)
  }
  let [done, walked, lastPage] = [0, 0, '']
  let walking = Promise.resolve()
  const person: Person = {
    env: {
      PATH: `${programs}:${process.env.PATH ?? ''}`,
      DISPLAY: ':9',
      BROWSER: join(programs, 'xdg-open'),
    },
    decides: 'approve',
    signIns: () => walked,
    lastPage: () => lastPage,
    open: (url) => appendFileSync(opened, `${url}\n`),
    settled() {
      look()
      return walking
    },
    leave() {
      clearInterval(looking)
      return walking
    },
  }
  const look = () => {
    const addresses = existsSync(opened) ? readFileSync(opened, 'utf8').split('\n').filter(Boolean) : []
    for (const url of addresses.slice(done)) {
      walking = walking.then(async () => {
        lastPage = await walk(browser, url, person.decides, images).catch(
          (error: Error) => `failed: ${error.message}`,
        )
        walked += 1
      })
    }
    done = addresses.length
  }
  const looking = setInterval(look, 100)
  return person
}
