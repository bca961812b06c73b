import type { Engine } from '../../src/store/engine.js'
import type { Step, Work } from '../../src/store/statement.js'

/** An engine that remembers what it runs, in order, each step with its values. */
export function recording(engine: Engine): { engine: Engine; steps: Step[] } {
  const steps: Step[] = []
  function* noting<Result>(work: () => Work<Result>): Work<Result> {
    const running = work()
    let step = running.next()
    while (!step.done) {
      steps.push(step.value)
      step = running.next(yield step.value)
    }
    return step.value
  }
  return {
    steps,
    engine: {
      ...engine,
      read: (viewer, work) => engine.read(viewer, () => noting(work)),
      write: (viewer, work) => engine.write(viewer, () => noting(work)),
    },
  }
}
