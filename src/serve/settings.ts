import { join } from 'node:path'
import { type Config, dataDirectory, isLoopback, type ServeRole } from '../config.js'
import { ZukoError } from '../errors.js'
import { roleOf } from './authority.js'

/** What is served: what the environment and the command line say, with nothing left open. */
export interface Settings {
  config: Config
  role: ServeRole
  demo: boolean
}

/** The configuration of `--demo`: a store of its own, on this computer only, with people who can sign in here. */
function demoConfig(config: Config): Config {
  if (config.foreign) {
    throw new ZukoError('CONFIGURATION', 'The demo signs people in itself, and OAUTH_ISSUER is set.', {
      fix: 'unset OAUTH_ISSUER, or leave out --demo',
    })
  }
  if (!isLoopback(config.backendUrl)) {
    throw new ZukoError(
      'CONFIGURATION',
      `The demo has a public password, and BACKEND_URL ${config.backendUrl} is not this computer.`,
      {
        fix: 'unset BACKEND_URL, or leave out --demo',
      },
    )
  }
  return { ...config, database: join(dataDirectory(), 'demo.db') }
}

/** @throws ZukoError CONFIGURATION for what does not go together */
export function settle(given: {
  config: Config
  role?: ServeRole
  demo?: boolean
  workers?: number
}): Settings {
  const { demo = false, workers = 1 } = given
  const config = demo ? demoConfig(given.config) : given.config
  if (workers > 1 && config.database === ':memory:') {
    throw new ZukoError('CONFIGURATION', 'A store in memory belongs to one process.', {
      fix: 'set DATABASE_URL to a file, or leave out --workers',
    })
  }
  return { config, role: roleOf(config, given.role), demo }
}
