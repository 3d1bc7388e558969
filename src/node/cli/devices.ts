/** `devices`: what this machine can train on. */
import { deviceThread } from '../device-thread.ts'
import { print, printJson, type ExitCode } from './console.ts'

/** Of what could not be opened. */
const titles = { cpu: 'CPU', webgpu: 'GPU, WebGPU', reference: 'Reference' }

export async function devices(options: { readonly json: boolean }): Promise<ExitCode> {
  const thread = deviceThread()
  try {
    for (const name of ['cpu', 'webgpu', 'reference'] as const) {
      const opened = await thread.open(name)
      const available = opened.ok
      const title = opened.ok ? opened.value.info.title : titles[name]
      const facts = opened.ok ? opened.value.info.facts : {}
      const reason = opened.ok ? undefined : opened.problems.map((one) => one.message).join(' ')
      if (options.json) printJson({ name, title, available, ...(reason === undefined ? {} : { reason }), facts })
      else
        print(
          `${name.padEnd(10)} ${title}${available ? '' : `: ${reason ?? 'not available'}`}  ${Object.entries(facts)
            .map(([fact, value]) => `${fact} ${value}`)
            .join(', ')}`,
        )
      if (opened.ok) opened.value.dispose()
    }
    return 0
  } finally {
    thread.close()
  }
}
