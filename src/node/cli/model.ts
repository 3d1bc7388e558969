/** A trained network in a folder: the document, its weights, and what its data preparation learnt. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, ok, problem, type Result } from '../../base/problem.ts'
import type { FittedPreparation } from '../../data/types.ts'
import { formatDocument, parseDocument } from '../../document/file.ts'
import type { GraphDocument } from '../../document/types.ts'
import { readSafetensors, writeSafetensors, type NamedTensor } from '../../interop/safetensors.ts'
import type { Run } from '../../train/run.ts'
import { atomicWrite, codeOf } from '../atomic-file.ts'
import { CommandEnd } from './console.ts'

const FILES = { document: 'model.json', weights: 'weights.safetensors', preparation: 'preparation.json' }

export interface Model {
  readonly document: GraphDocument
  readonly weights: ReadonlyMap<string, NamedTensor>
  readonly fitted: FittedPreparation
}

/** Before the training, so that nobody waits for an end that can't be kept. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    const code = codeOf(error)
    const why =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'there is a file of that name'
        : `it can't be made (${code || 'unknown'})`
    throw new CommandEnd(1, [
      problem('model.folder', `${folder} can't be a folder for the model: ${why}.`, { file: folder }),
    ])
  }
}

export async function saveModel(
  folder: string,
  document: GraphDocument,
  run: Run,
  fitted: FittedPreparation,
): Promise<Result<null>> {
  const values = await run.weights()
  const tensors = new Map(
    run.network.weights.map(({ name, shape }) => [name, { shape, data: Float32Array.from(values.get(name) ?? []) }]),
  )
  const contents = [
    [FILES.document, formatDocument(document)],
    [FILES.preparation, `${JSON.stringify(fitted, null, 1)}\n`],
    // The weights come last: a folder without them is seen to be unfinished.
    [FILES.weights, writeSafetensors(tensors, { format: 'neuroloom' })],
  ] as const
  for (const [name, content] of contents) {
    const written = await atomicWrite(join(folder, name), content)
    if (!written.ok) return written
  }
  return ok(null)
}

export async function openModel(folder: string): Promise<Result<Model>> {
  const read = async (name: string): Promise<Uint8Array | null> => readFile(join(folder, name)).catch(() => null)
  const [document, weights, preparation] = [
    await read(FILES.document),
    await read(FILES.weights),
    await read(FILES.preparation),
  ]
  if (!document || !weights || !preparation) {
    const missing = [
      document ? '' : FILES.document,
      weights ? '' : FILES.weights,
      preparation ? '' : FILES.preparation,
    ].filter((name) => name !== '')
    return fail(
      problem(
        'model.file',
        `${folder} holds no trained network: ${missing.join(' and ')} is missing. Train with --out ${folder} first.`,
        { file: folder },
      ),
    )
  }
  const parsed = parseDocument(new TextDecoder().decode(document), FILES.document)
  if (!parsed.ok) return parsed
  const tensors = readSafetensors(weights, FILES.weights)
  if (!tensors.ok) return tensors
  const fitted = readFitted(new TextDecoder().decode(preparation))
  if (!fitted)
    return fail(
      problem('model.preparation', `${FILES.preparation} in ${folder} is damaged; train again with --out.`, {
        file: FILES.preparation,
      }),
    )
  return ok({ document: parsed.value, weights: tensors.value, fitted })
}

function readFitted(text: string): FittedPreparation | null {
  try {
    const value = JSON.parse(text) as FittedPreparation
    const numbers = [
      ...value.columns.flatMap(({ mean, deviation, fill, clip = [0, 0] }) => [mean, deviation, fill, ...clip]),
      ...value.targets.flatMap((one) => [one.mean, one.deviation]),
    ]
    const isRead = value.columns.every(({ log = true, clip = [0, 0] }) => log === true && clip.length === 2)
    const { recorded: { rate, samples } = { rate: 1, samples: 1 }, decimal = '.' } = value
    const isCounted = [rate, samples].every((one) => Number.isSafeInteger(one) && one > 0)
    const isSaid = isCounted && (decimal === '.' || decimal === ',')
    return isRead && isSaid && numbers.every((one) => Number.isFinite(one)) ? value : null
  } catch {
    return null
  }
}
