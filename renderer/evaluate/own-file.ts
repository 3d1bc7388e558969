/** A file that is dropped, pasted or chosen to be tried, rather than to be trained on. */
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { showBytes } from '../../src/base/shape.ts'
import { MAX_OWN_BYTES } from '../../src/protocol/arguments.ts'
import type { OwnExample } from '../../src/protocol/messages.ts'
import { messageOf } from '../state/link.ts'

/** Characters of a name that are sent; of a longer one its end says what it is. */
const NAME = 100

export async function exampleOf(files: readonly File[]): Promise<Result<OwnExample>> {
  const [file, ...more] = files
  if (!file) return fail(problem('try.none', 'There is no file in it. Choose one.'))
  if (more.length > 0) return fail(problem('try.several', `${files.length} files were given. Try one at a time.`))
  const name = file.name.slice(-NAME) || 'The picture'
  if (file.size > MAX_OWN_BYTES) {
    const most = showBytes(MAX_OWN_BYTES)
    return fail(
      problem('try.large', `${name} has ${showBytes(file.size)}; what is tried may have ${most}. Make it smaller.`),
    )
  }
  try {
    return ok({ kind: 'file', file: name, bytes: new Uint8Array(await file.arrayBuffer()) })
  } catch (error) {
    // A folder, or a file that has gone.
    return fail(problem('try.unread', `${name} could not be read: ${messageOf(error)} Choose a file that is there.`))
  }
}
