import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request as Incoming, Response as Outgoing } from 'express'
import type { Auth } from '../auth/server.js'

const YEAR_MS = 365 * 24 * 3600 * 1000

/** Browsers in which somebody signed in to an account before. */
export interface Devices {
  /** A name for this browser when it is one that knew the account's password; else undefined. */
  known(req: Incoming, email: string): string | undefined
  /** Remembers the browser by a cookie that says nothing to anybody else. */
  remember(req: Incoming, res: Outgoing, email: string): void
}

/**
 * Guesses at an account are counted apart from the browsers that its person uses, so that a flood of them slows
 * the guesser and never locks the person out. The cookie opens nothing: the password is asked for all the same.
 */
export function createDevices({ secret, backendUrl }: Pick<Auth, 'secret' | 'backendUrl'>): Devices {
  const secure = backendUrl.startsWith('https:')
  const name = `${secure ? '__Host-' : ''}zuko.device`
  const options: CookieOptions = { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: YEAR_MS }
  const proof = (id: string, email: string): Buffer =>
    createHmac('sha256', secret).update(`device\n${id}\n${email}`).digest()

  const known: Devices['known'] = (req, email) => {
    const [, id, given] = cookieOf(req, name)?.match(/^([\w-]{22})\.([\w-]{43})$/) ?? []
    if (!id || !given) return undefined
    return timingSafeEqual(Buffer.from(given, 'base64url'), proof(id, email)) ? id : undefined
  }

  return {
    known,
    remember(req, res, email) {
      if (known(req, email)) return
      const id = randomBytes(16).toString('base64url')
      res.cookie(name, `${id}.${proof(id, email).toString('base64url')}`, options)
    },
  }
}

const cookieOf = (req: Incoming, name: string): string | undefined =>
  (req.headers.cookie ?? '')
    .split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
