/** Numbers as people read them: three or four significant digits, a true minus sign, and no jitter in width. */

/** `0.2873`, `12.34`, `1.23e−5`; `not a number` where arithmetic has failed. */
export function formatValue(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'not a number'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  // Rounding first: 0.99996 has the exponent of 1 once it is shown.
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string]
  const power = Number(exponent)
  const text =
    power < -4 || power >= digits + 3 ? `${trim(mantissa)}e${power}` : value.toFixed(Math.max(0, digits - 1 - power))
  return text.replaceAll('-', '−')
}

/** Without the zeros at the end: for ticks and facts, not for columns of numbers. */
export function formatShort(value: number, digits = 3): string {
  const text = formatValue(value, digits)
  return text.includes('e') ? text : trim(text)
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** A share as `93.1 %`. */
export function formatPercent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return formatValue(share)
  return `${(share * 100).toFixed(digits).replaceAll('-', '−')}\u202f%`
}

/** `25,450` */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replaceAll('-', '−')
    .replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `950`, `12k`, `1.5M`: for axes. */
export function formatCompact(count: number): string {
  const units = ['', 'k', 'M', 'G', 'T'] as const
  let unit = 0
  let value = count
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${trim(value.toFixed(unit === 0 && Number.isInteger(value) ? 0 : 2)).replaceAll('-', '−')}${units[unit] ?? ''}`
}

/** `0:08`, `3:20`, `1:02:05` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => value.toString().padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** A round step (1, 2 or 5 times a power of ten) that cuts `span` into at most `most` pieces. */
export function roundStep(span: number, most: number): number {
  if (!(span > 0) || !(most > 0)) return 1
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  for (const factor of [1, 2, 5, 10]) {
    // A hair of slack, so that 0.3 / 3 counts as 0.1.
    if (factor * power >= rough * (1 - 1e-9)) return factor * power
  }
  return 10 * power
}

/** Multiples of a round step inside [low, high]. */
export function roundTicks(low: number, high: number, most: number, smallest = 0): number[] {
  const step = Math.max(smallest, roundStep(high - low, most))
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step + 0)
  return ticks
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where there is room. */
export function logTicks(low: number, high: number, most: number): number[] {
  if (!(low > 0) || !(high > low)) return []
  const inside = (factors: readonly number[]) => {
    const ticks: number[] = []
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const factor of factors) {
        const tick = factor * 10 ** power
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick)
      }
    }
    return ticks
  }
  for (const factors of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]) {
    const ticks = inside(factors)
    if (ticks.length <= most) return ticks.length >= 2 ? ticks : roundTicks(low, high, most).filter((tick) => tick > 0)
  }
  const powers = inside([1])
  const stride = Math.ceil(powers.length / most)
  return powers.filter((_, i) => i % stride === 0)
}
