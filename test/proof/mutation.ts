/** What the tests would notice. */
import { mutate } from '../mutation/account.js'
import { atLeast, exactly, shown } from './goals.js'
import type { Proof } from './proofs.js'

const SCORE = 80

export const mutation: readonly Proof[] = [
  {
    name: 'mutation',
    shows: `the code that decides who may do what is changed, a piece at a time; \`test/mutation\` says which code, and explains each change that no test notices`,
    minutes: 60,
    async play() {
      const { files, unexplained, idle } = mutate()
      for (const one of unexplained) console.error('without an explanation:', one.file, one.became)
      for (const one of idle) console.error('does not survive:', one.file, one.became)
      const killed = files.reduce((sum, file) => sum + file.killed, 0)
      const survived = files.reduce((sum, file) => sum + file.survived, 0)
      return [
        shown('changes noticed, and not', `${killed} and ${survived}`),
        ...files.map(({ file, score }) => atLeast(`\`${file}\`: noticed, %`, score, SCORE)),
        exactly('not noticed and not explained', unexplained.length, 0),
        exactly('explained, but noticed', idle.length, 0),
      ]
    },
  },
]
