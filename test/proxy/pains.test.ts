import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Built, copyProgram } from '../helpers/built.js'
import { PAINS } from '../helpers/pains.js'

let built: Built
beforeAll(() => {
  built = copyProgram()
})
afterAll(() => built.remove())

/** `npm run bench -- proxy-pain` puts the same questions to mcp-remote, which fails some of them. */
describe('what hurts users of other bridges', () => {
  test.each(PAINS)('$name', { timeout: 180_000 }, async ({ probe }) => {
    const command = (url: string) => [built.bin, 'proxy', url, '--no-browser']
    await expect(probe(command)).resolves.toBeUndefined()
  })
})
