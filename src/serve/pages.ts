/** The pages that people see: pure functions from data to a whole HTML document, and their two assets. */
export { type ConsentPage, consentPage } from './pages/consent.js'
export { type ErrorPage, errorPage } from './pages/error.js'
export { type FrontPage, frontPage } from './pages/front.js'
export { plain } from './pages/html.js'
export { type SignInPage, signInPage } from './pages/sign-in.js'
export { ICON_SVG, ICON_URL, STYLESHEET, STYLESHEET_URL } from './pages/style.js'
