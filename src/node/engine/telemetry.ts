/** Two messages of a run as one: nothing that a curve needs is lost, and of everything else only the newest counts. */
import type { RunTelemetry, SeriesPoints, WeightHistogram } from '../../train/types.ts'

export function mergeTelemetry(older: RunTelemetry, newer: RunTelemetry): RunTelemetry {
  // A new run begins with empty curves.
  if (older.progress.run !== newer.progress.run) return newer
  return {
    progress: newer.progress,
    points: mergePoints([...older.points, ...newer.points]),
    histograms: newest([...older.histograms, ...newer.histograms]),
  }
}

function mergePoints(all: readonly SeriesPoints[]): SeriesPoints[] {
  return [...new Set(all.map((points) => points.name))].map((name) => {
    const parts = all.filter((points) => points.name === name)
    return {
      name,
      steps: concatenate(parts.map((part) => part.steps)),
      values: concatenate(parts.map((part) => part.values)),
    }
  })
}

function newest(all: readonly WeightHistogram[]): WeightHistogram[] {
  return [...new Map(all.map((histogram) => [histogram.path, histogram])).values()]
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
