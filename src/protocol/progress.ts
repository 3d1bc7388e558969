/** How far data are, in words: the same in the window and on the command line. */
import type { DataProgress } from './messages.ts'

const verbs = { checking: 'Checking', reading: 'Reading', preparing: 'Preparing', starting: 'Starting' } as const

/** `Reading penguins.csv…` */
export function sayDoing({ doing, file }: DataProgress): string {
  return `${verbs[doing]} ${file}…`
}

/** `40 %` */
export function sayShare({ share }: DataProgress): string {
  return `${Math.floor(share * 100)}\u202f%`
}

/** `Reading penguins.csv… 40 %` */
export function sayProgress(progress: DataProgress): string {
  return progress.doing === 'starting' ? sayDoing(progress) : `${sayDoing(progress)} ${sayShare(progress)}`
}
