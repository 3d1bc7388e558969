/** Colours as people see them: contrast, and how far apart two look to who sees fewer of them. */
export type Rgb = readonly [number, number, number]

/** Linear light, 0 to 1, of `#rrggbb`. */
export function linear(hex: string): Rgb {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** Contrast ratio by WCAG 2, 1 to 21. */
export function contrast(a: string, b: string): number {
  const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

const matrices = {
  trichromacy: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const
export type Vision = keyof typeof matrices
export const visions = Object.keys(matrices) as readonly Vision[]

/** What a colour looks like to eyes of this kind: Machado, Oliveira and Fernandes (2009), severity 1. */
export function seen([red, green, blue]: Rgb, vision: Vision): Rgb {
  const [a, b, c] = matrices[vision].map(([x, y, z]) => Math.min(1, Math.max(0, x * red + y * green + z * blue)))
  return [a ?? 0, b ?? 0, c ?? 0]
}

/** CIE L*a*b*, white point D65. */
export function labOf([red, green, blue]: Rgb): Rgb {
  const x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
  const y = 0.2126729 * red + 0.7151522 * green + 0.072175 * blue
  const z = (0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))]
}

/** Difference of two colours in L*a*b*, CIEDE2000; one that can just be seen is about 1, one that can't be missed above 10. */
export function difference([l1, a1, b1]: Rgb, [l2, a2, b2]: Rgb): number {
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2
  const stretch = 1.5 - 0.5 * Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7))
  const polar = (a: number, b: number) => {
    const degrees = (Math.atan2(b, a * stretch) * 180) / Math.PI
    return { chroma: Math.hypot(a * stretch, b), hue: (degrees + 360) % 360 }
  }
  const [p, q] = [polar(a1, b1), polar(a2, b2)]
  const grey = p.chroma * q.chroma === 0
  const turn = grey ? 0 : ((q.hue - p.hue + 540) % 360) - 180
  const hue = grey ? p.hue + q.hue : (p.hue + turn / 2 + 360) % 360
  const chroma = (p.chroma + q.chroma) / 2
  const light = (l1 + l2) / 2 - 50
  const cos = (degrees: number) => Math.cos((degrees * Math.PI) / 180)
  const t = 1 - 0.17 * cos(hue - 30) + 0.24 * cos(2 * hue) + 0.32 * cos(3 * hue + 6) - 0.2 * cos(4 * hue - 63)
  const byLight = (l2 - l1) / (1 + (0.015 * light ** 2) / Math.sqrt(20 + light ** 2))
  const byChroma = (q.chroma - p.chroma) / (1 + 0.045 * chroma)
  const byHue = (2 * Math.sqrt(p.chroma * q.chroma) * Math.sin((turn * Math.PI) / 360)) / (1 + 0.015 * chroma * t)
  const angle = 60 * Math.exp(-(((hue - 275) / 25) ** 2))
  const blue = -2 * Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7)) * Math.sin((angle * Math.PI) / 180)
  return Math.sqrt(byLight ** 2 + byChroma ** 2 + byHue ** 2 + blue * byChroma * byHue)
}

/** How far apart two colours look to eyes of this kind. */
export function apart(a: string, b: string, vision: Vision): number {
  return difference(labOf(seen(linear(a), vision)), labOf(seen(linear(b), vision)))
}
