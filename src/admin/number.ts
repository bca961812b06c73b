import { InvalidArgumentError } from 'commander'

/** An option's or argument's value that is an id, or a number of things. */
export function positive(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647) return Number(text)
  throw new InvalidArgumentError('It must be an integer from 1 to 2147483647.')
}
