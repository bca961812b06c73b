/** What the bench of `serve` is built of: the same sign-ins as the proofs. */
export { signInRate } from '../faults/sign-ins.js'
