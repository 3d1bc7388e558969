/** Classes are told apart by colour and, for those who see colours otherwise, by form. */
const colours = [
  'var(--chart-loss)',
  'var(--family-connect)',
  'var(--chart-metric)',
  'var(--family-loss)',
  'var(--accent)',
  'var(--warning)',
  'var(--family-complex)',
  'var(--danger)',
] as const

export const forms = ['circle', 'square', 'triangle', 'diamond'] as const
export type Form = (typeof forms)[number]

/** As a CSS expression. */
export function colourOfClass(index: number): string {
  return colours[index % colours.length] ?? 'currentColor'
}

export function formOfClass(index: number): Form {
  return forms[index % forms.length] ?? 'circle'
}

/** Adds a form of about the same area, whatever it is, to a path. */
export function traceForm(path: Path2D, form: Form, x: number, y: number, radius: number): void {
  switch (form) {
    case 'circle':
      path.moveTo(x + radius, y)
      path.arc(x, y, radius, 0, 2 * Math.PI)
      return
    case 'square': {
      const half = radius * 0.886
      path.rect(x - half, y - half, 2 * half, 2 * half)
      return
    }
    case 'triangle': {
      const reach = radius * 1.55
      path.moveTo(x, y - reach)
      path.lineTo(x + reach * 0.866, y + reach / 2)
      path.lineTo(x - reach * 0.866, y + reach / 2)
      path.closePath()
      return
    }
    case 'diamond': {
      const reach = radius * 1.253
      path.moveTo(x, y - reach)
      path.lineTo(x + reach, y)
      path.lineTo(x, y + reach)
      path.lineTo(x - reach, y)
      path.closePath()
      return
    }
    default:
      return form satisfies never
  }
}
