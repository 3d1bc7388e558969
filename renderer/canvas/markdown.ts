/** The little of Markdown that notes need, as a tree; nothing in it is ever taken for HTML. */
export type Inline =
  | { readonly kind: 'text' | 'bold' | 'italic' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }

export type Part =
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|\[([^\]]+)\]\((https?:[^)\s]+)\)/g

export function inlinesOf(line: string): readonly Inline[] {
  const found: Inline[] = []
  let at = 0
  for (const match of line.matchAll(INLINE)) {
    const [whole, code, strong, strong2, soft, soft2, text, to] = match
    if (match.index > at) found.push({ kind: 'text', text: line.slice(at, match.index) })
    const bold = strong ?? strong2
    const italic = soft ?? soft2
    if (code !== undefined) found.push({ kind: 'code', text: code })
    else if (bold !== undefined) found.push({ kind: 'bold', text: bold })
    else if (italic !== undefined) found.push({ kind: 'italic', text: italic })
    else if (text !== undefined && to !== undefined) found.push({ kind: 'link', text, to })
    at = match.index + whole.length
  }
  if (at < line.length) found.push({ kind: 'text', text: line.slice(at) })
  return found
}

export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    if (line.startsWith('```')) {
      const end = lines.findIndex((one, at) => at > i && one.startsWith('```'))
      const last = end < 0 ? lines.length : end
      parts.push({ kind: 'code', text: lines.slice(i + 1, last).join('\n') })
      i = last
      continue
    }
    const heading = /^(#{1,3})\s+(.*)$/.exec(line)
    const item = /^\s*([-*]|\d+[.)])\s+(.*)$/.exec(line)
    const before = parts.at(-1)
    if (line.trim() === '') continue
    else if (heading)
      parts.push({ kind: 'heading', level: heading[1]?.length ?? 1, inlines: inlinesOf(heading[2] ?? '') })
    else if (item) {
      const ordered = /\d/.test(item[1] ?? '')
      const next = inlinesOf(item[2] ?? '')
      if (before?.kind === 'list' && before.ordered === ordered)
        parts[parts.length - 1] = { ...before, items: [...before.items, next] }
      else parts.push({ kind: 'list', ordered, items: [next] })
    } else if (before?.kind === 'paragraph' && (lines[i - 1] ?? '').trim() !== '')
      parts[parts.length - 1] = {
        ...before,
        inlines: [...before.inlines, { kind: 'text', text: ' ' }, ...inlinesOf(line)],
      }
    else parts.push({ kind: 'paragraph', inlines: inlinesOf(line) })
  }
  return parts
}
