/** Dragging sideways over a number, or over its label, changes it: Shift in large steps, Alt in small ones, Esc takes it back. */
import type { Attachment } from 'svelte/attachments'

export interface Scrub {
  /** So many steps from where it began; parts of a step only with Alt. */
  move(steps: number): void
  /** It was a click after all. */
  click?(): void
  /** It was let go after it had moved. */
  end?(): void
  cancel(): void
}

/** Pixels that the pointer may tremble in a click, and those that make a step. */
const TREMBLE = 3
const STEP = 6

interface Drag {
  readonly scrub: Scrub
  readonly pointer: number
  readonly from: number
  last: number
  /** Steps with their parts, and those that were told. */
  steps: number
  told: number
  moving: boolean
  /** It was taken back; the pointer is kept until it is let go, or that would be a click on what lies under it. */
  over: boolean
}

/** `begin` is asked when the pointer goes down; null leaves it to the element. */
export function scrubbing(begin: () => Scrub | null): Attachment<HTMLElement> {
  return (element) => {
    let drag: Drag | null = null

    function onpointerdown(event: PointerEvent) {
      if (event.button !== 0 || drag) return
      const scrub = begin()
      if (!scrub) return
      element.setPointerCapture(event.pointerId)
      drag = {
        scrub,
        pointer: event.pointerId,
        from: event.clientX,
        last: event.clientX,
        steps: 0,
        told: 0,
        moving: false,
        over: false,
      }
    }
    function onmousedown(event: MouseEvent) {
      // Or a field would have the keyboard before it is known whether it is dragged.
      if (drag && element instanceof HTMLInputElement) event.preventDefault()
    }
    function onpointermove(event: PointerEvent) {
      if (!drag || drag.over || event.pointerId !== drag.pointer) return
      if (!drag.moving) {
        if (Math.abs(event.clientX - drag.from) < TREMBLE) return
        drag.moving = true
        element.dataset['scrubbing'] = ''
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
        window.addEventListener('keydown', onkeydown, true)
      }
      const pace = event.shiftKey ? 10 : event.altKey ? 0.1 : 1
      drag.steps += ((event.clientX - drag.last) / STEP) * pace
      drag.last = event.clientX
      const steps = event.altKey ? Math.round(drag.steps * 10) / 10 : Math.trunc(Number(drag.steps.toFixed(6)))
      if (steps === drag.told) return
      drag.told = steps
      drag.scrub.move(steps)
    }
    function onkeydown(event: KeyboardEvent) {
      if (!drag || drag.over || event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      drag.over = true
      drag.scrub.cancel()
    }
    function finish(): Drag | null {
      const done = drag
      drag = null
      delete element.dataset['scrubbing']
      window.removeEventListener('keydown', onkeydown, true)
      if (done && element.hasPointerCapture(done.pointer)) element.releasePointerCapture(done.pointer)
      return done
    }
    function onpointerup() {
      const done = finish()
      if (!done) return
      if (!done.moving) return done.scrub.click?.()
      // What is let go over its label would give the keyboard to its field.
      const swallow = (event: Event) => event.preventDefault()
      element.addEventListener('click', swallow, { once: true })
      setTimeout(() => element.removeEventListener('click', swallow))
      if (!done.over) done.scrub.end?.()
    }
    function onpointercancel() {
      const done = finish()
      if (done?.moving && !done.over) done.scrub.end?.()
    }

    const listeners = {
      pointerdown: onpointerdown,
      mousedown: onmousedown,
      pointermove: onpointermove,
      pointerup: onpointerup,
      pointercancel: onpointercancel,
    }
    for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener)
    return () => {
      finish()
      for (const [name, listener] of Object.entries(listeners))
        element.removeEventListener(name, listener as EventListener)
    }
  }
}
