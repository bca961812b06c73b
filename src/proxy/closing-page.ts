import { createHash } from 'node:crypto'

/** How a visit to the callback ended. */
export type Ending = 'signed-in' | 'not-signed-in' | 'refused' | 'not-found'

const WORDS: Record<Ending, { status: number; title: string; text: string }> = {
  'signed-in': {
    status: 200,
    title: 'You are signed in',
    text: 'Your MCP client can use the server now. You can close this page and go back to it.',
  },
  'not-signed-in': {
    status: 200,
    title: 'You are not signed in',
    text: 'The sign-in was not completed, and nothing was kept. You can close this page; your MCP client says how to try again.',
  },
  refused: {
    status: 400,
    title: 'Nothing happened here',
    text: 'This address does not answer a sign-in that is under way. You can close this page.',
  },
  'not-found': { status: 404, title: 'Nothing is here', text: 'You can close this page.' },
}

const STYLE = `:root{color-scheme:light dark;--page:#f3f5f4;--surface:#fff;--text:#14201c;--muted:#4d5c56;--line:#d8dfdb;--accent:#0a5c49}
@media (prefers-color-scheme:dark){:root{--page:#0e1412;--surface:#161e1b;--text:#e5ebe8;--muted:#a4b1ab;--line:#2c3833;--accent:#74cfb4}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--page);color:var(--text);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{width:100%;max-width:29rem;padding:clamp(1.25rem,6vw,2rem);background:var(--surface);border:1px solid var(--line);
border-radius:.75rem;position:relative;overflow:hidden}
main::before{content:"";position:absolute;inset:0 0 auto;height:.25rem;background:var(--accent)}
h1{margin:0;font-size:1.5rem;line-height:1.25;letter-spacing:-.011em;font-weight:650}
p{margin:.5rem 0 0;color:var(--muted)}`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** The page a browser ends on: fixed words, no script, nothing of the request in it. */
export function closingPage(ending: Ending): { status: number; html: string } {
  const { status, title, text } = WORDS[ending]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Zuko</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`
  return { status, html }
}
