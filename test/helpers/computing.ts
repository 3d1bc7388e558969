/**
 * Starts to measure what is computed, by all threads of this process; by the clock a busy machine would be to blame. What it
 * returns tells the milliseconds so far.
 */
export function computing(): () => number {
  const began = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1000
  }
}
