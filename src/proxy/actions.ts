import { dataDirectory, proxyEnvironment } from '../environment.js'
import { ZukoError } from '../errors.js'
import { seconds } from './flags.js'
import { runProxy } from './index.js'
import { CALL_TIMEOUT, directories, type Flags, proxyOptions } from './options.js'
import { openSession } from './session.js'
import { hostOutput, print } from './writer.js'

export interface ProxyContext {
  /** The wish that the command ends. */
  signal: AbortSignal
  version: string
}

/** How long what lingers after the end, such as a name lookup that cannot be called off, may hold the process. */
const LINGER_MS = 50

/** What each command of the room does. */
export const ACTIONS = { relay, login, logout, status, doctor }

async function relay(
  address: string | undefined,
  flags: Flags,
  { signal, version }: ProxyContext,
): Promise<void> {
  const options = await proxyOptions(address, flags)
  const callTimeoutMs = seconds('--call-timeout', flags.callTimeout ?? CALL_TIMEOUT)
  await runProxy({
    ...options,
    input: process.stdin,
    output: hostOutput(),
    signal,
    version,
    session: openSession(options),
    proxies: proxyEnvironment(),
    memoryDirectory: directories(dataDirectory()).servers,
    callTimeoutMs,
  })
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

async function login(address: string | undefined, flags: Flags, { signal }: ProxyContext): Promise<void> {
  const options = await proxyOptions(address, flags)
  const { loginCommand } = await import('./commands/login.js')
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: process.stdin })
  const paste = () =>
    new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(undefined))
    })
  try {
    const report = await loginCommand({ ...options, signal, ...(!options.browser && { paste }) })
    report.lines.forEach(print)
  } finally {
    lines.close()
    process.stdin.destroy()
  }
}

async function logout(address: string | undefined, flags: Flags): Promise<void> {
  const [{ logoutCommand }, { serverMemory }] = await Promise.all([
    import('./commands/logout.js'),
    import('./memory.js'),
  ])
  const options = await proxyOptions(address, flags)
  const report = await logoutCommand(options)
  await serverMemory(directories(dataDirectory()).servers, options.url, options.profile).forget()
  report.lines.forEach(print)
}

async function status(address: string | undefined, flags: Flags): Promise<void> {
  const { statusCommand } = await import('./commands/status.js')
  const { data, lines } = await statusCommand(await proxyOptions(address, flags))
  if (flags.json) print(JSON.stringify(data, null, 2))
  else lines.forEach(print)
}

async function doctor(address: string | undefined, flags: Flags): Promise<void> {
  const { doctorCommand } = await import('./commands/doctor.js')
  const { data, lines } = await doctorCommand(await proxyOptions(address, flags))
  if (flags.json) print(JSON.stringify(data, null, 2))
  else lines.forEach(print)
  const broken = data.find(({ state }) => state === 'broken')
  if (broken)
    throw new ZukoError('FAILED', `The way to the tools is broken at: ${broken.name}.`, {
      fix: broken.fix ?? undefined,
    })
}
