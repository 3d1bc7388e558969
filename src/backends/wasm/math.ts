/**
 * exp, log and tanh of four floats, which WebAssembly does not have. Each takes its argument in a local and leaves the
 * result on the stack. The textbook method: reduce the argument exactly (Cody & Waite 1980), then a short series of which
 * the first neglected term lies below f32's rounding. Relative error stays below 3e-7 over the whole range; infinities,
 * NaN and zero give what IEEE 754 says.
 */
import type { FunctionBuilder, Local } from './emitter.ts'

/** ln 2 in two pieces: n · LN2_HIGH is exact for |n| < 2^9. */
const LN2_HIGH = Math.round(Math.LN2 * 2 ** 14) / 2 ** 14
const LN2_LOW = Math.LN2 - LN2_HIGH

/** Pushes c[0] + x (c[1] + x (c[2] + …)). */
function horner(f: FunctionBuilder, x: Local, coefficients: readonly number[]): void {
  const [last = 0, ...rest] = [...coefficients].reverse()
  f.splat(last)
  for (const coefficient of rest) f.get(x).op('f32x4.mul').splat(coefficient).op('f32x4.add')
}

/** 2^n for ints -126 … 127 on the stack. */
function powerOfTwo(f: FunctionBuilder): void {
  f.lanes(127).op('i32x4.add').i32(23).op('i32x4.shl')
}

/** e^x = 2^n e^r with |r| <= ln 2 / 2. Past the clamps the result is exactly 0 and infinity. */
export function emitExp(f: FunctionBuilder, argument: Local): void {
  const [x, n, r, half] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  f.get(argument).splat(-104).op('f32x4.max').splat(89).op('f32x4.min').tee(x)
  f.splat(Math.LOG2E).op('f32x4.mul').op('f32x4.nearest').set(n)
  f.get(x).get(n).splat(LN2_HIGH).op('f32x4.mul').op('f32x4.sub')
  f.get(n).splat(LN2_LOW).op('f32x4.mul').op('f32x4.sub').set(r)
  // The series of e^r; the first term left out, r^8 / 8!, is below 6e-9.
  horner(f, r, [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040])
  // Scaled in two steps: 2^n itself leaves the range of floats before the result does.
  f.get(n).op('i32x4.trunc_sat_f32x4_s').tee(n).i32(1).op('i32x4.shr_s').tee(half)
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
  f.get(k).op('f32x4.convert_i32x4_s').splat(23).get(square).op('v128.and').op('f32x4.sub').set(k)
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
 * Near 0 a rational function (the continued fraction of Lambert 1770, four levels), written as x minus a correction;
 * beyond it 1 - 2 / (e^2|x| + 1) with the sign of x.
 */
export function emitTanh(f: FunctionBuilder, x: Local): void {
  const [size, z, far] = [f.local('v128'), f.local('v128'), f.local('v128')]
  f.get(x).op('f32x4.abs').splat(10).op('f32x4.min').tee(size).get(size).op('f32x4.add').set(far)
  f.splat(1).splat(2)
  emitExp(f, far)
  f.splat(1).op('f32x4.add').op('f32x4.div').op('f32x4.sub').set(far)
  f.get(x).get(x).op('f32x4.mul').set(z)
  // near
  f.get(x).get(x).get(z).op('f32x4.mul')
  horner(f, z, [315, 14])
  f.op('f32x4.mul')
  horner(f, z, [945, 420, 15])
  f.op('f32x4.div').op('f32x4.sub')
  // far, with the sign of x
  f.get(far).get(x).splat(-0).op('v128.and').op('v128.or')
  f.get(size).splat(0.625).op('f32x4.lt').op('v128.bitselect')
}
