import { html } from './html.js'
import { layout } from './layout.js'

export interface ErrorPage {
  title: string
  /** What is wrong and what would be right, in our own words. */
  message: string
  /** HTTP status. */
  status: number
  requestId?: string | undefined
}

/** A page that ends a way: it links to the front page and nowhere that a request named. */
export const errorPage = ({ title, message, status, requestId }: ErrorPage): string =>
  layout({
    title,
    width: 'narrow',
    main: html`<div class="card">
<div>
<h1>${title}</h1>
<p class="lead">${message}</p>
</div>
<p class="small muted">Status ${status}${
      requestId !== undefined && html`<br>Reference <code>${requestId}</code>, for whoever runs this server`
    }</p>
<p><a class="button" href="/">How to connect a client</a></p>
</div>`,
  })
