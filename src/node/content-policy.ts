/**
 * What a window of ours may load and do, as headers: for every answer of the loopback host and of app:// alike. The two
 * policies about other origins make shared memory available; WebAssembly needs a word of its own, `eval` has none.
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  // The canvas and the charts set styles on elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

export const securityHeaders: { readonly [name: string]: string } = {
  'Content-Security-Policy': contentPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // For clips that one tries; of the rest nothing is needed.
  'Permissions-Policy': 'microphone=(self), camera=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=()',
}
