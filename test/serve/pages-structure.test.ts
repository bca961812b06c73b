import { describe, expect, it } from 'vitest'
import { PAGES } from '../../src/auth/server.js'
import { consentPage, errorPage, frontPage, signInPage } from '../../src/serve/pages.js'
import { readMarkup, type Tag } from './pages-markup.js'
import { abroad, consent, error, front, signIn } from './pages-samples.js'

const tagsOf = (page: string, name: string): Tag[] => readMarkup(page).tags.filter((tag) => tag.name === name)
const inputs = (page: string) => tagsOf(page, 'input').map(({ attributes }) => attributes)

describe('every page', () => {
  const pages = {
    'sign-in': signInPage(signIn),
    'sign-in of nobody': signInPage({ query: '' }),
    consent: consentPage(consent),
    'consent with many organizations': consentPage({
      ...consent,
      organizations: Array.from({ length: 30 }, (_, i) => `Organization ${i}`),
    }),
    error: errorPage(error),
    front: frontPage(front),
    'front abroad': frontPage(abroad),
  }

  it.each(Object.entries(pages))('%s runs no script and styles nothing inline', (_name, page) => {
    for (const { name, attributes } of readMarkup(page).tags) {
      expect(name).not.toMatch(/^(script|style|iframe|object|embed|base|template|svg|math)$/)
      expect(Object.keys(attributes).filter((key) => key === 'style' || key.startsWith('on'))).toEqual([])
    }
  })

  it.each(Object.entries(pages))('%s loads and links nothing from elsewhere', (_name, page) => {
    for (const { attributes } of readMarkup(page).tags) {
      for (const key of ['href', 'src', 'action', 'formaction', 'srcset', 'poster', 'data']) {
        if (key in attributes) expect(attributes[key]).toMatch(/^(\/(?!\/)|#|cursor:\/\/|vscode:mcp\/)/)
      }
    }
  })

  it.each(Object.entries(pages))(
    '%s has a language, a title, one main, one h1 and unique ids',
    (_name, page) => {
      const { tags } = readMarkup(page)
      expect(tags[0]).toEqual({ name: 'html', attributes: { lang: 'en' } })
      for (const name of ['title', 'main', 'h1'])
        expect(tags.filter((tag) => tag.name === name)).toHaveLength(1)
      const ids = tags.flatMap(({ attributes }) => attributes.id ?? [])
      expect(new Set(ids).size).toBe(ids.length)
      for (const { attributes } of tags) {
        for (const key of ['aria-describedby', 'aria-labelledby', 'for']) {
          if (attributes[key]) expect(ids).toContain(attributes[key])
        }
      }
    },
  )
})

describe('sign-in', () => {
  it('posts email, password and the query unchanged', () => {
    const page = signInPage(signIn)
    expect(tagsOf(page, 'form').map(({ attributes }) => attributes)).toEqual([
      { method: 'post', action: PAGES.signIn },
    ])
    expect(inputs(page)).toMatchObject([
      { type: 'hidden', name: 'query', value: signIn.query },
      { name: 'email', type: 'email', autocomplete: 'username', value: 'ada@example.com' },
      { name: 'password', type: 'password', autocomplete: 'current-password' },
    ])
  })

  it('labels both fields', () => {
    const page = signInPage(signIn)
    expect(tagsOf(page, 'label').map(({ attributes }) => attributes.for)).toEqual(['email', 'password'])
  })

  it('never shows a password again', () => {
    expect(inputs(signInPage(signIn)).find(({ name }) => name === 'password')).not.toHaveProperty('value')
  })

  it('ties an error to both fields', () => {
    const page = signInPage(signIn)
    const alert = readMarkup(page).tags.find(({ attributes }) => attributes.role === 'alert')
    expect(alert?.attributes.id).toBe('error')
    for (const { attributes } of tagsOf(page, 'input').slice(1)) {
      expect(attributes).toMatchObject({ 'aria-invalid': 'true', 'aria-describedby': 'error' })
    }
  })

  it('shows no alert without an error', () => {
    const { tags, text } = readMarkup(signInPage({ query: 'q' }))
    expect(tags.some(({ attributes }) => attributes.role === 'alert' || 'aria-invalid' in attributes)).toBe(
      false,
    )
    expect(text).not.toContain('wants to connect')
  })

  it('focuses the first field that is still empty', () => {
    const focused = (page: string) => inputs(page).filter((attributes) => 'autofocus' in attributes)
    expect(focused(signInPage({ query: 'q' }))).toMatchObject([{ name: 'email' }])
    expect(focused(signInPage(signIn))).toMatchObject([{ name: 'password' }])
  })

  it('says who asks, that the name is unverified, and where the answer goes', () => {
    const { text } = readMarkup(signInPage(signIn))
    expect(text).toContain('“Claude Code” wants to connect')
    expect(text).toContain('has not verified')
    expect(text).toContain('127.0.0.1:53682')
  })
})

describe('consent', () => {
  it('posts query, csrf, one checked scope box each, and a decision', () => {
    const page = consentPage(consent)
    expect(inputs(page).slice(1)).toEqual([
      { type: 'hidden', name: 'query', value: consent.query },
      { type: 'hidden', name: 'csrf', value: 'one-time' },
      { type: 'checkbox', name: 'scope', value: 'tasks:read', checked: '' },
      { type: 'checkbox', name: 'scope', value: 'tasks:write', checked: '' },
    ])
    const named = tagsOf(page, 'button').filter(({ attributes }) => attributes.name)
    expect(named.map(({ attributes: { type, name, value } }) => ({ type, name, value }))).toEqual([
      { type: 'submit', name: 'decision', value: 'deny' },
      { type: 'submit', name: 'decision', value: 'approve' },
    ])
  })

  it('offers another account in a form of its own, with the query', () => {
    const page = consentPage(consent)
    expect(tagsOf(page, 'form').map(({ attributes }) => attributes)).toEqual([
      { method: 'post', action: PAGES.signOut },
      { method: 'post', action: PAGES.consent },
    ])
    expect(inputs(page)[0]).toEqual({ type: 'hidden', name: 'query', value: consent.query })
  })

  it('says who asks, where the answer goes, who is signed in, and which organizations', () => {
    const { text } = readMarkup(consentPage(consent))
    for (const words of [
      'Unverified',
      '“Claude Code”',
      '127.0.0.1:53682',
      'a program on this computer',
      'Ada Fischer',
      'ada@example.com',
      'Acme',
      'Northwind',
      'withdrawn',
    ]) {
      expect(text).toContain(words)
    }
  })

  it.each([
    ['a web address', 'client.example', 'came from there'],
    ['an app’s own scheme', 'cursor://anysphere.cursor-mcp', 'an app on this device'],
  ])('tells %s from this computer', (_name, redirectHost, words) => {
    const { text } = readMarkup(
      consentPage({ ...consent, client: { ...consent.client, redirectHost, loopback: false } }),
    )
    expect(text).toContain(words)
    expect(text).not.toContain('a program on this computer')
  })

  it('shows a redirect host of 253 characters whole', () => {
    const redirectHost = `${'a'.repeat(245)}.evil.ex`
    const { text } = readMarkup(consentPage({ ...consent, client: { ...consent.client, redirectHost } }))
    expect(text).toContain(redirectHost)
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', ' https://x'])(
    'leaves out a client page that is not http or https: %s',
    (uri) => {
      const { text } = readMarkup(consentPage({ ...consent, client: { ...consent.client, uri } }))
      expect(text).not.toContain('The page it names')
    },
  )

  it('names every organization, the later ones behind a disclosure', () => {
    const organizations = Array.from({ length: 30 }, (_, i) => `Organization ${i}`)
    const page = consentPage({ ...consent, organizations })
    for (const name of organizations) expect(readMarkup(page).text).toContain(name)
    expect(tagsOf(page, 'details')).toHaveLength(1)
    expect(readMarkup(page).text).toContain('and 24 more')
  })

  it('says so when there is no organization', () => {
    expect(readMarkup(consentPage({ ...consent, organizations: [] })).text).toContain('None yet')
  })
})

describe('error', () => {
  it('shows title, message, status and reference', () => {
    const { text } = readMarkup(errorPage(error))
    for (const words of [error.title, error.message, '400', 'r-1']) expect(text).toContain(words)
  })

  it('shows no reference where there is none', () => {
    expect(readMarkup(errorPage({ title: 'a', message: 'b', status: 404 })).text).not.toContain('Reference')
  })
})
