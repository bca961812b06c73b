import { expect, it } from 'vitest'
import { killRenewals, killWriters } from '../faults/logins.js'

const LONG = 60_000

it(
  'what is kept always parses, after each of the writers that were killed while they wrote',
  async () => {
    expect(await killWriters({ kills: 25 })).toEqual({ kills: 25, kept: 25, unreadable: 0 })
  },
  LONG,
)

it(
  'killed at any moment of a renewal, it leaves a file that parses and a login that works',
  async () => {
    const figures = await killRenewals({ kills: 8 })
    expect(figures).toEqual({ kills: 8, unreadable: 0, served: true, tabs: 1, sockets: 0 })
  },
  LONG,
)
