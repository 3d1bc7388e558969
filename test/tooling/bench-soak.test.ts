/** The bench that watches memory over time: its trend and what it prints. */
import { expect, test, vi } from 'vitest'
import { soak, Trend } from '../../bench/soak.ts'

test('a trend is the slope of the line through the points, noise or not', () => {
  const slope = (...points: readonly (readonly [x: number, y: number])[]) => {
    const trend = new Trend()
    for (const [x, y] of points) trend.add(x, y)
    return trend.slope
  }
  expect(slope([1, 5], [2, 7], [4, 11])).toBeCloseTo(2, 12)
  expect(slope([0, 0], [1, 1], [2, -1], [3, 0])).toBeCloseTo(-0.2, 12)
  expect(slope([0, 4], [1, 4], [2, 4])).toBe(0)
})

/** 120 steps of 5 ms by a clock of its own, each of which allocates a megabyte; returns what is printed. */
async function soaked(keep: (one: Float64Array) => void): Promise<string[]> {
  let now = 0
  const trainer = {
    title: 'a megabyte a step',
    steps: 0,
    trainFor: async () => {
      trainer.steps++
      now += 5
      keep(new Float64Array(125_000))
    },
    loss: async () => 1 / trainer.steps,
  }
  const lines: string[] = []
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  await soak('W0', trainer, 0.01)
  write.mockRestore()
  clock.mockRestore()
  return lines
}
const externalOf = (lines: readonly string[]) => Number(/external (\S+)\n/.exec(lines.at(-1) ?? '')?.[1])

test('what steps keep shows in the trend, what they drop does not', async () => {
  const kept: Float64Array[] = []
  const keeping = await soaked((one) => kept.push(one))
  expect(keeping[0]).toBe('W0: a megabyte a step; 0.01 minutes, memory in MB\n')
  expect(kept).toHaveLength(120)
  // A megabyte in 5 ms.
  expect(externalOf(keeping) / 720_000).toBeCloseTo(1, 1)
  expect(externalOf(await soaked(() => {})) / 720_000).toBeCloseTo(0, 1)
})
