/** Fields of a record, of which those that may be missing may also be undefined. */
export type Fields<T> = { readonly [K in keyof T]: Partial<Pick<T, K>> extends Pick<T, K> ? T[K] | undefined : T[K] }

/** The record with the fields that are there: a field that is undefined is left out, as a file leaves it out. */
export function present<T extends object>(fields: Fields<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
