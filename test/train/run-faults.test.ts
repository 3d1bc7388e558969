/**
 * A GPU that fails in the middle of a run, at every moment at which it can: what it did not do is found out within a chunk,
 * none of its wrong numbers is taken, and the run goes on on the CPU with the same batches to the same curves.
 */
import { describe, expect, test } from 'vitest'
import { webgpuBackend } from '../../src/backends/webgpu/index.ts'
import { after } from '../../src/node/dawn.ts'
import { Counts, faults, faultyGpu, type Fault } from '../backends/webgpu/faulty.ts'
import { missing, titled } from '../backends/webgpu/gpu.ts'
import { valueOf } from '../data/files.ts'
import { difference, TOLERANCE } from '../helpers/tolerance.ts'
import { classifier, cpu, curvesOf, dataFor, open, train, type Outcome } from './runs.ts'

const document = classifier({ batchSize: 4, epochs: 2, seed: 3, optimizer: 'adam', params: { rate: 0.05 } })
const data = dataFor(document, 11, 3)
const STEPS = 6

/** So much passes from look to look that chunks are single steps and a checkpoint is taken after most of them. */
function hasty(): () => number {
  let time = 0
  return () => (time += 700)
}

async function trainOn(fault: Fault, now = hasty()) {
  const counts = new Counts()
  const gpu = faultyGpu(fault, counts)
  // Only where silence is the fault; any other adapter may be as slow as the machine is busy.
  const patience = fault.kind === 'silent from submission' ? { patience: 150 } : {}
  const device = valueOf(await webgpuBackend({ openGpu: async () => gpu, after, ...patience }).open())
  const { run } = await open(document, data, device, {
    fallback: async () => ({ ok: true, value: await cpu() }),
    now,
  })
  run.start()
  const end = await run.ended
  const curves = curvesOf(run)
  run.dispose()
  return { counts, end, curves }
}

/** The names of the curves that are not those of `right`. */
function wrongCurves(found: Outcome['curves'], right: Outcome['curves']): readonly string[] {
  return Object.entries(right).flatMap(([name, points]) => {
    const own = found[name] ?? []
    const steps = difference(
      own.map(([step]) => step),
      points.map(([step]) => step),
      TOLERANCE.f32.exact,
    )
    const values = difference(
      own.map(([, value]) => value),
      points.map(([, value]) => value),
      TOLERANCE.f32.trained,
    )
    return (steps ?? values) ? [`${name}: ${steps ?? values}`] : []
  })
}

describe.skipIf(missing)(titled('a GPU that fails'), { timeout: 300_000 }, async () => {
  const right = (await train(document, data, await cpu())).curves

  test('nothing goes wrong: the whole run is the GPU’s', async () => {
    const { end, curves, counts } = await trainOn({ kind: 'lost at submission', number: Infinity })
    expect(end).toMatchObject({ state: 'finished', step: STEPS, problems: [] })
    expect(end.device).toMatch(/WebGPU/)
    expect(wrongCurves(curves, right)).toEqual([])
    expect(counts.submissions).toBeGreaterThan(3 * STEPS)
    // The norm of the gradients comes from the GPU alone.
    expect(curves['train.gradientNorm']).toHaveLength(STEPS)
  })

  test.each(faults)('%s 1, 2, 3, …: found out, and trained to the end on the CPU', async (kind) => {
    const clean = await trainOn({ kind, number: Infinity })
    const moments = clean.counts.of(kind)
    expect(moments).toBeGreaterThan(3)
    const wrong: string[] = []
    let struck = 0
    for (let number = 1; number <= moments; number++) {
      const { end, curves, counts } = await trainOn({ kind, number })
      // How often it is asked depends on how fast it is, so the last moments may not come.
      if (counts.struckAt === undefined && end.problems.length === 0) continue
      struck++
      const said = end.problems.map(({ code, severity }) => `${severity} ${code}`).join()
      const late = counts.submissions - (counts.struckAt ?? counts.submissions)
      const report = [
        ...(end.state === 'finished' && end.step === STEPS ? [] : [`${end.state} at ${end.step}`]),
        ...(/^CPU/.test(end.device) ? [] : [`ended on ${end.device}`]),
        ...(said === 'warning run.device' ? [] : [`said ${said}`]),
        // What is asked for together may still follow: a checkpoint's four weights, their eight memories and the step count.
        ...(late <= 12 ? [] : [`${late} submissions followed`]),
        ...wrongCurves(curves, right),
      ]
      if (report.length > 0) wrong.push(`${kind} ${number}: ${report.join('; ')}`)
    }
    expect(wrong).toEqual([])
    expect(struck).toBeGreaterThan(0.8 * moments)
  })

  test.each([1, 4, 8, 12, 20])('lost at submission %i, with another chunk waiting behind', async (number) => {
    // No time passes, so that chunks count as short.
    const { end, curves } = await trainOn({ kind: 'lost at submission', number }, () => 0)
    expect(end).toMatchObject({ state: 'finished', step: STEPS })
    expect(end.device).toMatch(/^CPU/)
    expect(wrongCurves(curves, right)).toEqual([])
  })

  test('the sentence says what happened, where the run goes on, and what is done again', async () => {
    const { end } = await trainOn({ kind: 'lost at submission', number: 20 })
    expect(end.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^The GPU was lost \(the driver was reset\)\. The run goes on on the CPU, from its last good state \(epoch \d, batch \d(; .* done again)?\)\.$/,
      ),
    ])
  })

  test('the control: without the stamp, zeros would pass for a loss', async () => {
    // A curve with one zero in it is seen by the comparison.
    const zeroed = {
      ...right,
      'train.loss': (right['train.loss'] ?? []).map(([step, value]) => [step, step === 3 ? 0 : value] as const),
    }
    expect(wrongCurves(zeroed, right)).toHaveLength(1)
  })
})
