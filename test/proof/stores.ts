/** What becomes of the store, and of a start that must not be. */
import { wrongConfigurations } from '../faults/configurations.js'
import { fullDisk } from '../faults/disk.js'
import { syncBeforeAnswer, tornLog } from '../faults/durable.js'
import { failingSyncs } from '../faults/io-error.js'
import { damagedStores, readOnly } from '../faults/starts.js'
import { atLeast, atMost, exactly, shown, whole } from './goals.js'
import type { Proof } from './proofs.js'

const refusals = (
  figures: { ways: number; started: number; changed: number; unclear: number },
  ways: number,
) => [
  exactly('ways', figures.ways, ways),
  exactly('started all the same', figures.started, 0),
  exactly('changed a byte of the store', figures.changed, 0),
  exactly('said in no clear line', figures.unclear, 0),
]

export const stores: readonly Proof[] = [
  {
    name: 'damaged',
    shows:
      'a store that is damaged, cut off, from a later version, or beside the log of another one, is refused',
    minutes: 2,
    play: async () => refusals(await damagedStores({ ways: 6 }), 6),
  },
  {
    name: 'read-only',
    shows: 'a store or a folder that may not be written is refused',
    minutes: 1,
    play: async () => refusals(await readOnly(), 3),
  },
  {
    name: 'configurations',
    shows: 'wrong configurations are refused by name, before anything is touched',
    minutes: 2,
    async play() {
      const figures = await wrongConfigurations({ every: 1 })
      return [
        atLeast('configurations', figures.configurations, 40),
        exactly('not ended with 78', figures.wrongExit, 0),
        exactly('without the name of a variable', figures.unnamed, 0),
        atMost('slowest, ms', figures.slowestMs, 2000),
        exactly('files left behind', figures.filesLeft, 0),
        exactly('exit code where the port is taken', figures.takenPortExit, 1),
      ]
    },
  },
  {
    name: 'sync',
    shows: 'every write is on the disk before it is acknowledged (strace)',
    minutes: 2,
    async play() {
      const figures = await syncBeforeAnswer({ writes: 500 })
      return [
        exactly('acknowledged', figures.acknowledged, 500),
        exactly('acknowledged without a sync', figures.withoutSync, 0),
      ]
    },
  },
  {
    name: 'torn-log',
    shows: 'a log cut off anywhere, as by a power cut, leaves what was written up to some moment',
    minutes: 5,
    async play() {
      const figures = await tornLog({ writes: 50, cuts: 1000 })
      return [
        exactly('cuts', figures.cuts, 1000),
        exactly('gaps in what is left', figures.gaps, 0),
        exactly('damaged', figures.damaged, 0),
        shown('fewest and most writes left', `${figures.fewest} and ${figures.most} of 50`),
      ]
    },
  },
  {
    name: 'failing-disk',
    shows: 'a disk that fails every sync gets nothing acknowledged, and all goes on when it heals (strace)',
    minutes: 2,
    async play() {
      const figures = await failingSyncs({ writes: 50 })
      return [
        exactly('acknowledged before', figures.before, 50),
        exactly('acknowledged while it fails', figures.during, 0),
        exactly('status of a read while it fails', figures.reads, 200),
        exactly('acknowledged after', figures.after, 50),
        ...whole(figures),
      ]
    },
  },
  {
    name: 'full-disk',
    shows: 'a full disk refuses writes, serves reads, and recovers without a restart (root)',
    minutes: 2,
    async play() {
      const figures = await fullDisk({ refusals: 100 })
      return [
        atLeast('writes refused with 503', figures.refused, 100),
        exactly('without Retry-After', figures.withoutRetryAfter, 0),
        exactly('other answers', figures.unexpected, 0),
        atLeast('reads served meanwhile', figures.reads, 100),
        atMost('ms from free space to the next write', figures.resumedAfterMs, 2000),
        exactly('still the same process', figures.alive, true),
        ...whole(figures),
      ]
    },
  },
]
