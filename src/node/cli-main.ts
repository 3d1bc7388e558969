/** Entry of the command line: everything that the window does to a network, on the same documents. */
import { parseArgs } from 'node:util'
import { listBlocks } from './cli/blocks.ts'
import { check } from './cli/check.ts'
import { CommandEnd, complain, print, type ExitCode } from './cli/console.ts'
import { data as showData } from './cli/data.ts'
import { devices } from './cli/devices.ts'
import { predict } from './cli/predict.ts'
import { train } from './cli/train.ts'

const USAGE = `Usage:
  check NET.json [--json]               blocks, shapes, parameters, multiply-adds; exit 1 where it does not compile
  train NET.json [--data FILE]... [--epochs N] [--batch N] [--lr X] [--seed N]
                 [--device auto|cpu|webgpu|reference] [--memory MB] [--out DIR] [--json]
  train FILE-OR-FOLDER... [--option NAME=VALUE]... [the same]
                                        the network that the app proposes for these data
  predict DIR [--data FILE]... [--device auto|cpu|webgpu|reference] [--memory MB] [--json]
                                        DIR is what train --out wrote
  data FILE-OR-FOLDER... [--option NAME=VALUE]... [--memory MB] [--json]
                                        what the app understands of them, and what it would train
  data FILE-OR-FOLDER... --folds K [--group COLUMN | --time COLUMN] [--seed N] [--option NAME=VALUE]... [--memory MB]
                                        K splits for cross-validation as JSON: indices from 0 on of what trains and what
                                        validates. Each class gives each part its share; with --group no group lies in
                                        two parts; with --time each part follows all that trains for it
  blocks [--json | --markdown]          the catalogue of building blocks
  devices [--json]                      what this machine can train on
  serve [--port N]                      the window for a browser on this machine`

const OPTIONS = {
  data: { type: 'string', multiple: true },
  option: { type: 'string', multiple: true },
  epochs: { type: 'string' },
  batch: { type: 'string' },
  lr: { type: 'string' },
  seed: { type: 'string' },
  device: { type: 'string' },
  memory: { type: 'string' },
  folds: { type: 'string' },
  group: { type: 'string' },
  time: { type: 'string' },
  out: { type: 'string' },
  port: { type: 'string' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const ALLOWED: { readonly [command: string]: readonly string[] } = {
  check: ['json'],
  train: ['data', 'option', 'epochs', 'batch', 'lr', 'seed', 'device', 'memory', 'out', 'json'],
  predict: ['data', 'device', 'memory', 'json'],
  data: ['option', 'memory', 'json', 'folds', 'group', 'time', 'seed'],
  blocks: ['json', 'markdown'],
  devices: ['json'],
  serve: ['port'],
}

async function run(): Promise<ExitCode> {
  let parsed
  try {
    parsed = parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (error) {
    return misused(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'unknown options')
  }
  const { values, positionals } = parsed
  const [command, path, ...more] = positionals
  if (values.help || command === undefined) {
    print(USAGE)
    return values.help ? 0 : 2
  }
  const allowed = ALLOWED[command]
  if (!allowed) return misused(`There is no command "${command}"`)
  const foreign = Object.keys(values).find((name) => !allowed.includes(name))
  if (foreign !== undefined) return misused(`${command} does not take --${foreign}`)
  const needsFolds = command === 'data' && values.folds === undefined
  const lone = needsFolds ? ['group', 'time', 'seed'].find((name) => name in values) : undefined
  if (lone !== undefined) return misused(`data takes --${lone} with --folds only`)
  const needsPath = command !== 'blocks' && command !== 'devices' && command !== 'serve'
  if (needsPath && path === undefined) return misused(`${command} needs a file`)
  if ((more.length > 0 && command !== 'data' && command !== 'train') || (!needsPath && path !== undefined))
    return misused(`"${more[0] ?? path ?? ''}" is one word too many`)

  const json = values.json ?? false
  const data = values.data ?? []
  const device = values.device ?? 'auto'
  const memory = values.memory === undefined ? {} : { memory: values.memory }
  switch (command) {
    case 'check':
      return check(path ?? '', { json })
    case 'train':
      return train(positionals.slice(1), { ...values, data, option: values.option ?? [], device, json })
    case 'predict':
      return predict(path ?? '', { data, device, json, ...memory })
    case 'data':
      return showData(positionals.slice(1), {
        option: values.option ?? [],
        json,
        ...memory,
        ...(values.folds !== undefined && { folds: { ...values, folds: values.folds } }),
      })
    case 'blocks':
      return listBlocks({ json, markdown: values.markdown ?? false })
    case 'devices':
      return devices({ json })
    default:
      // The host reads --port itself and lives on after this returns.
      await import('./host-main.ts')
      return 0
  }
}

function misused(message: string): ExitCode {
  process.stderr.write(`${message}.\n\n${USAGE}\n`)
  return 2
}

// A reader that has seen enough (`| head`) ends the command, not with an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof CommandEnd)) throw error
  complain(error.problems)
  process.exitCode = error.code
}
