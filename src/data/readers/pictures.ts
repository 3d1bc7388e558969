/**
 * Pictures in folders: each folder a class, or a table beside them that says what each shows. First all headers are read, for
 * the sizes that there are and for what the set will take; then one picture after the other is decoded and brought to one
 * size. What cannot be read is listed with its reason.
 */
import { at } from '../../base/assert.ts'
import { choice, int, pair } from '../../base/params.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { MAX_COLUMNS } from '../limits.ts'
import { partsBy } from '../parts.ts'
import { describe, labelsOf } from '../pictures/classes.ts'
import { decodeAll } from '../pictures/decoding.ts'
import { extensions, isPicture, isSystem, isTable, lookThrough } from '../pictures/folder.ts'
import { factsOf, warningsOf } from '../pictures/report.ts'
import { allBad, Bad, sizesOf, survey, Turns } from '../pictures/survey.ts'
import { checkSize, targetLike, targetOf } from '../pictures/target.ts'
import { limitOf } from '../room.ts'
import { defineReader, NO_TARGET, type RawExamples } from '../types.ts'

const LARGEST_SIDE = 1024

export default defineReader({
  type: 'pictures',
  title: 'Folder of pictures',
  doc: 'PNG, JPEG, WebP, GIF and BMP files in a folder for each class, or named with their labels by a CSV file beside them.',
  extensions,
  options: {
    size: pair({
      label: 'Size',
      doc: 'Pixels of each example, height and width; 0 proposes a size.',
      default: [0, 0],
      max: LARGEST_SIDE,
    }),
    colour: choice({
      label: 'Colour',
      doc: 'Whether examples have one channel or three.',
      default: 'auto',
      options: { auto: 'Grey if the pictures are', grey: 'Grey', rgb: 'RGB' },
    }),
    fit: choice({
      label: 'Other shapes',
      doc: 'What becomes of pictures that are wider or higher than the examples.',
      default: 'crop',
      options: { crop: 'Keep the middle', pad: 'Add a margin', stretch: 'Stretch' },
    }),
    background: choice({
      label: 'Background',
      doc: 'Colour behind what is transparent, and of a margin.',
      default: 'white',
      options: { white: 'White', grey: 'Grey', black: 'Black' },
    }),
    target: choice({
      label: 'Labels of a table',
      doc: 'Whether the labels in a CSV file are classes or numbers to predict.',
      default: 'auto',
      options: { auto: 'Guess', classes: 'Classes', numbers: 'Numbers' },
    }),
    label: int({
      label: 'Label column',
      doc: 'Number of the column of a CSV file that holds the labels, counted from 1; 0 takes those that look like it.',
      default: 0,
      max: MAX_COLUMNS,
    }),
    bad: choice({
      label: 'Bad pictures',
      doc: 'What becomes of pictures that cannot be read.',
      default: 'skip',
      options: { skip: 'Leave them out', refuse: 'Refuse the folder' },
    }),
  },
  accepts(files) {
    const own = files.filter(({ name }) => !isSystem(name))
    const seen = own.filter(({ name }) => !isTable(name))
    const pictures = seen.filter(isPicture).length
    // A folder of tables may have a drawing in it.
    return pictures > 0 && pictures * 2 > seen.length && pictures >= own.length - seen.length
  },
  async read(files, options, job) {
    const folder = lookThrough(files)
    const { pictures } = folder
    if (pictures.length === 0) {
      const message =
        'There is no picture among these files (PNG, JPEG, WebP, GIF or BMP); choose the folder that holds them.'
      throw new ProblemError(problem('pictures.none', message))
    }
    const told = await labelsOf(folder, options, job)
    const { labels, isPlain, parts } = told
    const turns = new Turns(job)
    const bad = new Bad(told.problems)
    const seen = await survey(told.set, bad, turns)
    if (seen.length === 0) throw allBad(bad)
    const { asked } = job
    const target = asked?.shape
      ? targetLike(asked.shape, options, at(pictures, 0).file.name)
      : await targetOf(seen, sizesOf(seen), options, turns)
    checkSize(seen.length, target, await limitOf(job))
    const decoding = await decodeAll(seen, target, bad, turns, job)
    const { taken, features } = decoding
    if (taken.length === 0 || (options.bad === 'refuse' && bad.skipped > 0)) throw allBad(bad)
    const { description, targets } = isPlain
      ? { description: NO_TARGET.target, targets: NO_TARGET.targets }
      : describe(taken, labels, bad)
    const byPart = partsBy(
      taken.map(({ part = '' }) => part),
      parts,
    )
    const data: RawExamples = {
      count: taken.length,
      shape: [target.height, target.width, target.channels],
      features,
      target: description,
      targets,
      names: taken.map(({ path }) => path),
      files: taken.map(({ file }) => file.name),
      ...(byPart && { parts: byPart }),
    }
    const report = { ...told, ...decoding, target, sizes: sizesOf(taken), folder }
    return {
      data,
      facts: factsOf(description, report),
      bad: bad.all(),
      warnings: warningsOf(description, report),
    }
  },
})
