import { type Tokens, tokenRequest } from '../helpers/oauth.js'
import { AT_ONCE, inParallel, play, type Race, type Round, sum } from './race-ground.js'

/** What is none of the answers that a race may have. */
const odd = (answers: { status: number; body: { error?: string } }[]): number =>
  answers.filter(({ status, body }) => status !== 200 && !(status === 400 && body.error === 'invalid_grant'))
    .length

/** T24: one code, redeemed a hundred times at once at two processes. */
export async function raceForCode(race: Race) {
  const played = await play(race, async ({ caller, code }) => {
    const form = await code()
    const answers = await inParallel((index) => {
      const { base, browser } = caller(index)
      return tokenRequest(base, form, browser)
    })
    return { winners: answers.filter(({ status }) => status === 200).length, odd: odd(answers) }
  })
  return {
    rounds: race.rounds,
    requests: race.rounds * AT_ONCE,
    winners: sum(played.map(({ winners }) => winners)),
    otherAnswers: sum(played.map((round) => round.odd)),
  }
}

async function tokens({ caller, code }: Round): Promise<Tokens> {
  const { base, browser } = caller(0)
  return (await tokenRequest(base, await code(), browser)).body
}

const refreshWith = ({ caller, clientId }: Round, index: number, refresh_token: string) => {
  const { base, browser } = caller(index)
  return tokenRequest(base, { grant_type: 'refresh_token', refresh_token, client_id: clientId }, browser)
}

/** T27: one refresh token, used a hundred times at once at two processes: one child, which works. */
export async function raceForRefresh(race: Race) {
  const played = await play(race, async (round) => {
    const { refresh_token } = await tokens(round)
    const answers = await inParallel((index) => refreshWith(round, index, refresh_token))
    const good = answers.filter(({ status }) => status === 200)
    const children = [...new Set(good.map(({ body }) => body.refresh_token))]
    const after = await refreshWith(round, 0, children[0] ?? '')
    return {
      children: children.length,
      turnedAway: answers.length - good.length,
      odd: odd(answers),
      alive: Number(after.status === 200),
    }
  })
  return {
    rounds: race.rounds,
    requests: race.rounds * AT_ONCE,
    children: sum(played.map(({ children }) => children)),
    alive: sum(played.map(({ alive }) => alive)),
    turnedAway: sum(played.map(({ turnedAway }) => turnedAway)),
    otherAnswers: sum(played.map((round) => round.odd)),
  }
}

/** T27: a login that is revoked while it is refreshed is over, whoever was first. */
export async function raceRefreshWithRevocation(race: Race) {
  const played = await play(race, async (round) => {
    const { refresh_token } = await tokens(round)
    const revoke = async (index: number) => {
      const { base, browser } = round.caller(index)
      const form = { token: refresh_token, client_id: round.clientId }
      return (await browser.send(`${base}/auth/oauth2/revoke`, { form })).status
    }
    const refreshes: Awaited<ReturnType<typeof refreshWith>>[] = []
    const statuses = await inParallel(async (index) => {
      if (index === AT_ONCE / 2) return revoke(index)
      const answer = await refreshWith(round, index, refresh_token)
      refreshes.push(answer)
      return answer.status
    })
    const given = refreshes.filter(({ status }) => status === 200).map(({ body }) => body)
    const access = await Promise.all(given.slice(0, 3).map(({ access_token }) => round.call(access_token)))
    const left = [refresh_token, ...new Set(given.map((body) => body.refresh_token))]
    const again = await Promise.all(left.map((token, index) => refreshWith(round, index, token)))
    return {
      revoked: Number(statuses[AT_ONCE / 2] === 200),
      survivors: [...access, ...again.map(({ status }) => status)].filter((status) => status === 200).length,
      odd: odd(refreshes),
    }
  })
  return {
    rounds: race.rounds,
    requests: race.rounds * AT_ONCE,
    revoked: sum(played.map(({ revoked }) => revoked)),
    survivors: sum(played.map(({ survivors }) => survivors)),
    otherAnswers: sum(played.map((round) => round.odd)),
  }
}
