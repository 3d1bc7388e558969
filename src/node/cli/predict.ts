/** `predict FOLDER --data FILE`: answers of a trained network for new examples, one line each. */
import { saidOf } from '../../data/bad-records.ts'
import { toAnswer } from '../../data/index.ts'
import { PredictionLines, questionsOf } from '../../data/predictions.ts'
import { openPredictor } from '../../train/predictor.ts'
import { deviceThread } from '../device-thread.ts'
import { complain, orEnd, print, printJson, type ExitCode } from './console.ts'
import { openModel } from './model.ts'
import { chooseDevice, endingCleanly, loadAsked, loadExamples, openItems, storingJob } from './open.ts'

export interface PredictOptions {
  readonly data: readonly string[]
  readonly device: string
  /** Megabytes of a set that are held in memory. */
  readonly memory?: string
  readonly json: boolean
}

/** Examples that are asked at once. */
const PART = 4096

export async function predict(folder: string, options: PredictOptions): Promise<ExitCode> {
  const { document, weights, fitted } = orEnd(await openModel(folder))
  endingCleanly()
  const job = storingJob(options.memory)
  const asked = toAnswer(document.data)
  const loaded =
    options.data.length > 0
      ? await loadAsked(asked, fitted, await openItems(options.data, job), job)
      : await loadExamples(asked, folder, job)
  const questions = orEnd(questionsOf(fitted, loaded.data, document.data))
  complain([...loaded.warnings, ...saidOf(loaded.bad), ...questions.warnings])
  const thread = deviceThread()
  try {
    const chosen = await chooseDevice(thread, options.device, null)
    const predictor = orEnd(
      await openPredictor({
        document,
        fitted,
        shape: questions.shape,
        weights: new Map([...weights].map(([name, { data }]) => [name, data])),
        origin: `The weights in ${folder}`,
        ...chosen,
      }),
    )
    complain(predictor.problems)
    const { count } = questions
    const { width } = predictor
    const lines = new PredictionLines(document.data, fitted, questions, width)
    if (!options.json) print(lines.header)
    for (let from = 0; from < count; from += PART) {
      const to = Math.min(count, from + PART)
      const answers = orEnd(await predictor.predict(await questions.features(from, to), to - from))
      for (let i = from; i < to; i++) {
        const answer = answers.subarray((i - from) * width, (i - from + 1) * width)
        if (options.json) printJson(lines.json(questions.place(i), answer))
        else print(lines.csv(questions.place(i), answer))
      }
    }
    return 0
  } finally {
    thread.close()
  }
}
