import { createHash } from 'node:crypto'
import { DARK, LIGHT, properties } from './palette.js'

const GROUND = `
:root{color-scheme:light dark;${properties(LIGHT)};
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{${properties(DARK)}}}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.55 var(--sans);overflow-wrap:anywhere}
h1,h2,h3,p,ol,ul,dl,dd,figure,fieldset,pre{margin:0;padding:0}
h1,h2,h3{line-height:1.25;letter-spacing:-.011em;font-weight:650;text-wrap:pretty}
h1{font-size:1.5rem}h2{font-size:1.25rem}h3{font-size:1.0625rem}
code,pre{font-family:var(--mono);font-size:.875em}
a{color:var(--accent);text-underline-offset:.2em}
a:hover{color:var(--accent-strong);text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
::selection{background:var(--accent);color:var(--on-accent)}
.muted{color:var(--muted)}.small{font-size:.875rem}
`

const SHELL = `
.bar,main,footer{width:100%;margin-inline:auto;padding-inline:1rem;max-width:29rem}
.wide .bar,.wide main,.wide footer{max-width:66rem}
.bar{display:flex;align-items:center;padding-block:1.5rem 1rem}
.brand{display:inline-flex;align-items:center;gap:.625rem;min-height:2.75rem;color:var(--text);
font-weight:650;font-size:1.125rem;letter-spacing:-.01em;text-decoration:none}
.brand img{display:block}
.card{background:var(--surface);border:1px solid var(--line);border-radius:.75rem;padding:clamp(1.125rem,6vw,1.5rem)}
.card>*+*,form>*+*{margin-top:1.25rem}
h1+.lead{margin-top:.5rem}.lead+p{margin-top:.5rem}
footer{padding-block:1.5rem 3rem;color:var(--muted);font-size:.875rem}
@media (min-width:40rem){.narrow .bar{padding-top:4rem}.narrow .card{padding:2rem}}
`

const FORMS = `
label{display:block;font-weight:600;margin-bottom:.375rem}
.field{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:var(--text);
background:var(--surface);border:1px solid var(--edge);border-radius:.5rem}
.field[aria-invalid]{border-color:var(--danger);box-shadow:inset 0 0 0 1px var(--danger)}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.75rem;padding:.5rem 1.125rem;
font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:.5rem;cursor:pointer;
overflow-wrap:normal;color:var(--text);background:var(--surface);border:1px solid var(--edge)}
button:hover,.button:hover{background:var(--sunken);color:var(--text)}
.primary{color:var(--on-accent);background:var(--accent);border-color:var(--accent)}
.primary:hover{color:var(--on-accent);background:var(--accent-strong);border-color:var(--accent-strong)}
.full{width:100%}
.decide{display:flex;gap:.75rem}.decide button{flex:1 1 0;padding-inline:.25rem}
.plain{margin-inline:calc(-.5rem - 1px);padding:.5rem;border-color:transparent;background:none;
color:var(--accent);font-size:.875rem;text-decoration:underline;text-underline-offset:.2em}
fieldset{border:0;min-width:0}legend{padding:0;font-weight:650;margin-bottom:.25rem}
.scope{display:flex;gap:.75rem;align-items:flex-start;min-height:2.75rem;margin:0;padding:.75rem 0;
font-weight:400;cursor:pointer}
.scope+.scope{border-top:1px solid var(--line)}
.scope input{flex:none;width:1.25rem;height:1.25rem;margin:.125rem 0 0;accent-color:var(--accent)}
.scope code{display:block;margin-top:.125rem;color:var(--muted);font-size:.8125rem}
`

const NOTES = `
.note{padding:.75rem 1rem;border-radius:.5rem;border:1px solid;font-size:.9375rem}
.error{color:var(--danger);background:var(--danger-ground);font-weight:600}
.caution{color:var(--caution);background:var(--caution-ground)}
.host{display:block;margin-block:.125rem .375rem;font-family:var(--mono);font-size:1.125rem;line-height:1.4;
font-weight:650;color:var(--text)}
.facts{border-bottom:1px solid var(--line)}
.facts>div{padding-block:.75rem}.facts>:first-child{padding-top:0}.facts>div+div{border-top:1px solid var(--line)}
.facts dt{color:var(--muted);font-size:.875rem}
.who{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1rem}
.who>span{flex:1 1 auto}.who bdi{display:block}.who form{margin-block:-.5rem}
.names{list-style:none;display:flex;flex-wrap:wrap;gap:.375rem;margin-top:.375rem}
.names li{padding:.0625rem .5rem;border:1px solid var(--line);border-radius:.375rem;background:var(--sunken);font-size:.9375rem}
summary{min-height:2.75rem;padding-block:.5rem;cursor:pointer;color:var(--accent)}
`

const FRONT = `
.wide h1{font-size:clamp(1.75rem,1.2rem + 2.4vw,2.5rem);letter-spacing:-.022em;max-width:22ch}
.wide .lead{font-size:1.125rem;max-width:60ch;margin-top:1rem;color:var(--muted)}
.wide section{margin-top:3rem}.wide section>h2+*{margin-top:.5rem}
.prose{max-width:65ch}
.snippet{margin-top:.75rem}.snippet figcaption{font-size:.875rem;color:var(--muted);margin-bottom:.25rem}
pre{padding:.75rem .875rem;border-radius:.5rem;background:var(--sunken);border:1px solid var(--line);
white-space:pre-wrap;line-height:1.5}
pre code{display:block;-webkit-user-select:all;user-select:all}
.endpoint{max-width:44rem;margin-top:1.5rem}.endpoint pre{font-size:clamp(.8125rem,4vw,1.0625rem);background:var(--surface)}
.jump{display:flex;flex-wrap:wrap;gap:0 1.25rem;list-style:none}
.jump a,dt a{display:inline-flex;align-items:center;min-height:2.75rem}
.guide{padding-block:1.5rem;border-top:1px solid var(--line);scroll-margin-top:1rem}
.guide .words>*+*{margin-top:.5rem}.guide .button{margin-top:.75rem}
.jump+.guide{margin-top:.75rem}
.rows{margin-top:1rem;max-width:50rem;border-block:1px solid var(--line)}
.rows>div{padding-block:.75rem}.rows>div+div{border-top:1px solid var(--line)}
.rows dt code{font-weight:600}.rows .scope-name{display:block;color:var(--muted);font-weight:400}
@media (min-width:40rem){.rows>div{display:grid;grid-template-columns:15rem minmax(0,1fr);gap:1.5rem;align-items:baseline}}
@media (min-width:56rem){
.guide{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,8fr);gap:2.5rem}
.guide .snippet:first-child{margin-top:0}}
`

const CIRCUMSTANCES = `
@media (prefers-reduced-motion:no-preference){button,.button{transition:background-color .12s}
html{scroll-behavior:smooth}}
@media (forced-colors:active){.primary{border:2px solid}}
@media print{:root{color-scheme:light;${properties(LIGHT)};--page:#fff}
.card{border:0;padding:0}pre,.guide,.rows>div{break-inside:avoid}.jump{display:none}}
`

/** The one stylesheet, served at `/assets/style.css`. */
export const STYLESHEET = [GROUND, SHELL, FORMS, NOTES, FRONT, CIRCUMSTANCES].join('').trim()

/** A Z of two equal halves, each the other turned around, that meet in the middle: a client and the CRM. */
export const ICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
<rect width="32" height="32" rx="7" fill="#0a5c49"/>
<path d="M7 7h18v5l-6.8 5.6-3.3-4.1L16.7 12H7zM25 25H7v-5l6.8-5.6 3.3 4.1L15.3 20H25z" fill="#fff"/>
</svg>
`

/** Where an asset is served; the hash lets browsers keep it for as long as it does not change. */
const address = (path: string, content: string): string =>
  `${path}?v=${createHash('sha256').update(content).digest('hex').slice(0, 12)}`

export const STYLESHEET_URL = address('/assets/style.css', STYLESHEET)
export const ICON_URL = address('/assets/icon.svg', ICON_SVG)
