import { type Content, html } from './html.js'
import { DARK, LIGHT } from './palette.js'
import { ICON_URL, STYLESHEET_URL } from './style.js'

interface Layout {
  /** Names the page in the tab, before the product's name. */
  title: string
  width: 'narrow' | 'wide'
  /** False for pages that belong to one person's sign-in. */
  indexed?: boolean
  main: Content
  footer?: Content
}

/** A whole document: the head, the mark, the page's own part, and a footer where there is one. */
export const layout = ({ title, width, indexed = false, main, footer }: Layout): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · Zuko</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="${LIGHT.page}">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${DARK.page}">
${!indexed && html`<meta name="robots" content="noindex">`}
<link rel="stylesheet" href="${STYLESHEET_URL}">
<link rel="icon" type="image/svg+xml" href="${ICON_URL}">
</head>
<body class="${width}">
<header class="bar"><span class="brand"><img src="${ICON_URL}" alt="" width="32" height="32">Zuko</span></header>
<main>
${main}
</main>
${footer !== undefined && html`<footer>${footer}</footer>`}
</body>
</html>
`.toString()
