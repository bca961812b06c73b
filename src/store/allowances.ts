import { createHash } from 'node:crypto'
import type { Engine } from './engine.js'
import { statement } from './statement.js'
import type { Allowance, AllowanceStore } from './types.js'

/** The database's own clock, which all nodes share; the same throughout a statement. */
const NOW = 'CAST(extract(epoch FROM statement_timestamp()) * 1000 AS double precision)'
const INTERVAL = 'CAST(@interval AS double precision)'
/** Calls that fit between now and the time at which the allowance would be overdrawn. */
const FREE = `floor((CAST(@whole AS double precision) - greatest(kept.full_at - ${NOW}, 0)) / ${INTERVAL} + 0.000001)`
const GRANTED = `CAST(greatest(least(CAST(@calls AS integer), ${FREE}), 0) AS integer)`

interface Given {
  bucket: string
  key: string
  /** Milliseconds in which one call comes back. */
  interval: number
}

/** The generic cell rate algorithm in one statement: what is taken moves the time at which all is there again. */
const take = statement<{ granted: number; fullIn: number }, Given & { calls: number; whole: number }>(`
  INSERT INTO allowance AS kept (bucket, key, full_at, granted)
  VALUES (@bucket, @key, ${NOW} + CAST(@calls AS integer) * ${INTERVAL}, CAST(@calls AS integer))
  ON CONFLICT (bucket, key) DO UPDATE
  SET full_at = greatest(kept.full_at, ${NOW}) + ${GRANTED} * ${INTERVAL}, granted = ${GRANTED}
  RETURNING granted, full_at - ${NOW} AS "fullIn"`)

const giveBack = statement<unknown, Given>(`
  UPDATE allowance SET full_at = full_at - ${INTERVAL} WHERE bucket = @bucket AND key = @key`)

/** Keys are what strangers sent, of any length; they are kept as what stands for them. */
const digest = (key: string): string => createHash('sha256').update(key).digest('base64url')

const intervalOf = ({ perSecond }: Allowance): number => 1000 / perSecond

/** Allowances in the database; `undefined` where there is one node, which keeps them itself. */
export function allowanceStore(engine: Engine): AllowanceStore | undefined {
  if (engine.dialect === 'sqlite') return undefined
  return {
    async take({ bucket, key, allowance, calls }) {
      const interval = intervalOf(allowance)
      const whole = allowance.burst * interval
      const given = { bucket, key: digest(key), interval, whole, calls: Math.min(calls, allowance.burst) }
      const row = await engine.write('operator', () => take.first(given))
      const { granted = 0, fullIn = 0 } = row ?? {}
      return { granted, waitMs: granted > 0 ? 0 : Math.max(fullIn + interval - whole, 1) }
    },
    async giveBack({ bucket, key, allowance }) {
      const interval = intervalOf(allowance)
      await engine.write('operator', () => giveBack.run({ bucket, key: digest(key), interval }))
    },
  }
}
