/** Plays one proof in a process of its own: `play.ts NAME FILE` leaves its results in the file. */
import { writeFileSync } from 'node:fs'
import { PROOFS } from './proofs.js'

const [name, file = ''] = process.argv.slice(2)
const proof = PROOFS.find((one) => one.name === name)
if (!proof) throw new Error(`There is no proof "${name}".`)
writeFileSync(file, JSON.stringify(await proof.play()))
