/**
 * exp, log and tanh of four floats, which WebAssembly does not have. Each takes its argument in a local and leaves the
 * result on the stack. The textbook method: reduce the argument exactly (Cody & Waite 1980), then a short series. Relative
 * error stays below 3e-7 over the whole range, with fused multiply-adds and without; infinities, NaN and zero give what
 * IEEE 754 says.
 *
 * Only instructions that the engine below us has in 256 bits as well are used here: of a pair of neighbours with a single
 * other one it would fuse nothing. So there is no `nearest` and no conversion between ints and floats: adding ROUNDER does
 * both, and clamps compare floats as ints, or select.
 */
import type { FunctionBuilder, Local } from './emitter.ts'

/** ln 2 in two pieces: n · LN2_HIGH is exact for |n| < 2^9. */
const LN2_HIGH = Math.round(Math.LN2 * 2 ** 14) / 2 ** 14
const LN2_LOW = Math.LN2 - LN2_HIGH

/** x + ROUNDER is rounded to a whole number, which stands in its lowest bits, for |x| < 2^22. */
const ROUNDER = 1.5 * 2 ** 23

/**
 * (e^r - 1) / r = 1 + r / 2 + … for |r| <= ln 2 / 2: the polynomial of degree 5 of least relative error (1.5e-8), each
 * coefficient rounded to a float before the next were found.
 */
const GROWTH = [1, 0.49999997, 0.16666542, 0.04166743, 0.008366876, 0.0013871879]

const bitsOf = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0] ?? 0

/** a b + c, where `product` pushes a and b, and `addend` c. */
function multiplyAdd(f: FunctionBuilder, product: () => void, addend: () => void): FunctionBuilder {
  product()
  if (!f.variant.madd) f.op('f32x4.mul')
  addend()
  return f.op(f.variant.madd ? 'f32x4.relaxed_madd' : 'f32x4.add')
}

/** Pushes c[0] + x (c[1] + x (c[2] + …)). */
function horner(f: FunctionBuilder, x: Local, coefficients: readonly number[]): void {
  const [last = 0, ...rest] = [...coefficients].reverse()
  f.splat(last)
  for (const coefficient of rest)
    multiplyAdd(
      f,
      () => f.get(x),
      () => f.splat(coefficient),
    )
}

/** 2^n of whole numbers on the stack, of which only the lowest nine bits count: -126 … 127. */
function powerOfTwo(f: FunctionBuilder): void {
  f.i32(23).op('i32x4.shl').lanes(bitsOf(1)).op('i32x4.add')
}

/** e^x = 2^n e^r with |r| <= ln 2 / 2. Past the clamps the result is exactly 0 and infinity. */
export function emitExp(f: FunctionBuilder, argument: Local): void {
  const [x, n, r, half] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  f.splat(-104).get(argument).get(argument).splat(-104).op('f32x4.lt').op('v128.bitselect').set(x)
  multiplyAdd(
    f,
    () => f.get(x).splat(Math.LOG2E),
    () => f.splat(ROUNDER),
  )
  // Above, n is clamped only: r then is far too large, and so is the result.
  f.lanes(bitsOf(ROUNDER) + 129)
    .op('i32x4.min_s')
    .tee(n)
    .splat(ROUNDER)
    .op('f32x4.sub')
    .set(half)
  multiplyAdd(
    f,
    () => f.get(half).splat(-LN2_HIGH),
    () => f.get(x),
  ).set(r)
  multiplyAdd(
    f,
    () => f.get(half).splat(-LN2_LOW),
    () => f.get(r),
  ).set(r)
  horner(f, r, [1, ...GROWTH])
  // Scaled in two steps: 2^n itself leaves the range of floats before the result does.
  f.get(n).lanes(bitsOf(ROUNDER)).op('i32x4.sub').tee(n).i32(1).op('i32x4.shr_s').tee(half)
  powerOfTwo(f)
  f.op('f32x4.mul').get(n).get(half).op('i32x4.sub')
  powerOfTwo(f)
  f.op('f32x4.mul')
}

/**
 * log(2^k m) = k ln 2 + log m with m in [√½, √2). With f = m - 1 and s = f / (2 + f), log m = 2 artanh s, arranged as
 * f - (f²/2 - s (f²/2 + R)) so that the leading term f carries no rounding (the arrangement of Sun's fdlibm).
 */
export function emitLog(f: FunctionBuilder, x: Local): void {
  const names = ['v128', 'v128', 'v128', 'v128', 'v128', 'v128'] as const
  const [bits, k, m, s, z, square] = names.map((type) => f.local(type)) as [Local, Local, Local, Local, Local, Local]
  const sqrtHalf = 0x3f3504f3
  // Numbers below the normal range are lifted into it first; `square` holds the mask until it is needed for itself.
  f.get(x)
    .splat(2 ** -126)
    .op('f32x4.lt')
    .set(square)
  f.get(x)
    .splat(2 ** 23)
    .op('f32x4.mul')
    .get(x)
    .get(square)
    .op('v128.bitselect')
    .tee(bits)
  f.lanes(sqrtHalf).op('i32x4.sub').i32(23).op('i32x4.shr_s').set(k)
  f.get(bits).get(k).i32(23).op('i32x4.shl').op('i32x4.sub').splat(1).op('f32x4.sub').set(m)
  f.get(k).lanes(bitsOf(ROUNDER)).op('i32x4.add').splat(ROUNDER).op('f32x4.sub')
  f.splat(23).get(square).op('v128.and').op('f32x4.sub').set(k)
  f.get(m).get(m).splat(2).op('f32x4.add').op('f32x4.div').tee(s)
  f.get(s).op('f32x4.mul').set(z)
  f.get(m).get(m).op('f32x4.mul').splat(0.5).op('f32x4.mul').set(square)
  // k ln2_high - ((square - (s (square + R) + k ln2_low)) - m), R = z (2/3 + 2/5 z + …), z < 0.03
  f.get(k).splat(LN2_HIGH).op('f32x4.mul')
  f.get(square)
  f.get(s)
  horner(f, z, [2 / 3, 2 / 5, 2 / 7, 2 / 9])
  f.get(z).op('f32x4.mul').get(square).op('f32x4.add').op('f32x4.mul')
  f.get(k).splat(LN2_LOW).op('f32x4.mul').op('f32x4.add')
  f.op('f32x4.sub').get(m).op('f32x4.sub').op('f32x4.sub').set(z)
  f.splat(-Infinity).get(z).get(x).splat(0).op('f32x4.eq').op('v128.bitselect').set(z)
  f.splat(NaN).get(z).get(x).splat(0).op('f32x4.lt').op('v128.bitselect').set(z)
  // Infinity and NaN are their own logarithms.
  f.get(z)
    .get(x)
    .get(x)
    .splat(Infinity)
    .op('f32x4.lt')
    .get(x)
    .splat(0)
    .op('f32x4.lt')
    .op('v128.or')
    .op('v128.bitselect')
}

/**
 * tanh |x| = m / (m + 2) with m = e^2|x| - 1 = 2^n (e^2h - 1) + (2^n - 1), |h| <= ln 2 / 4, then the sign of x. Small x keep
 * all their digits, since nothing cancels; from 9.02 on the result rounds to 1. ln 2 / 2 need not be exact here: the more
 * there are of it, the less m matters.
 */
export function emitTanh(f: FunctionBuilder, x: Local): void {
  const [size, n, h, power] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  // Floats without a sign are in the order of their bits. NaN, which is the last of them, is put in again at the end.
  f.get(x).op('f32x4.abs').lanes(bitsOf(9.02)).op('i32x4.min_s').set(size)
  multiplyAdd(
    f,
    () => f.get(size).splat(2 * Math.LOG2E),
    () => f.splat(ROUNDER),
  ).tee(n)
  powerOfTwo(f)
  f.set(power)
  multiplyAdd(
    f,
    () =>
      f
        .get(n)
        .splat(ROUNDER)
        .op('f32x4.sub')
        .splat(-Math.LN2 / 2),
    () => f.get(size),
  ).set(h)
  horner(
    f,
    h,
    GROWTH.map((coefficient, i) => coefficient * 2 ** (i + 1)),
  )
  f.get(h).op('f32x4.mul').set(h)
  multiplyAdd(
    f,
    () => f.get(h).get(power),
    () => f.get(power).splat(1).op('f32x4.sub'),
  ).tee(h)
  f.get(h).splat(2).op('f32x4.add').op('f32x4.div')
  f.get(x).splat(-0).op('v128.and').op('v128.or')
  f.get(x).get(x).op('f32x4.ne').op('v128.or')
}
