import { bashScript } from './bash.js'
import { fishScript } from './fish.js'
import { type CommandShape, type Place, placesOf } from './tree.js'
import { zshScript } from './zsh.js'

export type Shell = 'bash' | 'zsh' | 'fish'

const SCRIPTS: Record<Shell, (places: readonly Place[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** What a shell has to read in order to complete the words of a program: all of it comes from its commands. */
export const completionScript = (shell: Shell, program: CommandShape): string =>
  SCRIPTS[shell](placesOf(program))
