/** Characters of a block's name. */
export const MAX_NAME = 60

/** Why a block can't have this name, or null. Names make up the paths of weights, so the dot is taken. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '' || name !== name.trim()) return 'A name needs at least one character and no space at its ends.'
  if (name.length > MAX_NAME) return `A name has at most ${MAX_NAME} characters, this one ${name.length}.`
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must not get in
  if (/[./\\\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(name))
    return "A name can't hold dots, slashes or invisible characters."
  return null
}
