import type { Actions } from '../commands.svelte.ts'
import type { Studio } from '../studio.svelte.ts'

/** Documents, training and help. */
export function documentActions(studio: Studio): Actions<'document'> & Actions<'run'> & Actions<'help'> {
  const { editor, run } = studio
  const several = () => editor.desks.length > 1
  const paused = () => run.state === 'paused'
  return {
    'document.new': { run: () => studio.newDocument() },
    'document.open': { run: () => void studio.openFile() },
    'document.save': { run: () => void studio.save(false) },
    'document.saveAs': { run: () => void studio.save(true) },
    'document.close': { run: () => studio.closeTab() },
    'document.reopen': { enabled: () => editor.canReopen, run: () => studio.reopenTab() },
    'document.next': { enabled: several, run: () => editor.turn(1) },
    'document.previous': { enabled: several, run: () => editor.turn(-1) },

    'run.start': {
      // While one starts it does nothing, but the button keeps the keyboard.
      enabled: () => studio.canTrain || run.starting || studio.trainsElsewhere !== null,
      run: () => void studio.train(),
    },
    'run.pause': {
      enabled: () => run.state === 'running' || paused(),
      run: () => void (paused() ? run.resume() : run.pause()),
    },
    'run.step': { enabled: () => studio.canStep, run: () => void studio.step() },
    'run.stop': { enabled: () => run.active || run.starting, run: () => void run.stop() },

    'help.shortcuts': { run: () => (studio.dialog = 'shortcuts') },
  }
}
