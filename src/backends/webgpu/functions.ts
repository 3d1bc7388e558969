/**
 * Functions that WGSL has not, or not as exact as we promise: its exp, log and tanh may be off by more than the table of
 * tolerances allows, and it lets implementations assume that there are no NaN and no infinities. So both are looked for on
 * bits and made from bits. Arguments are reduced exactly (Cody & Waite 1980) without relying on how sums are rounded: WGSL
 * permits reassociation.
 */
import { at } from '../../base/assert.ts'

export type FunctionName =
  | 'infinity'
  | 'notANumber'
  | 'isNan'
  | 'isFinite'
  | 'maxOf'
  | 'minOf'
  | 'powerOfTwo'
  | 'expOf'
  | 'logOf'
  | 'tanhOf'
  | 'sqrtOf'
  | 'toInt'
  | 'random'
  | 'orderOf'
  | 'fromOrder'

interface LibraryFunction {
  readonly needs?: readonly FunctionName[]
  readonly text: string
}

/** ln 2 in two pieces: n · LN2_HIGH is exact for |n| < 2^9. */
const LN2_HIGH = Math.round(Math.LN2 * 2 ** 14) / 2 ** 14
const LN2_LOW = Math.LN2 - LN2_HIGH

/** (e^r - 1) / r for |r| <= ln 2 / 2: the polynomial of degree 5 of least relative error (1.5e-8). */
const GROWTH = [1, 0.49999997, 0.16666542, 0.04166743, 0.008366876, 0.0013871879]

const f32 = (value: number) => `f32(${value})`

/** c[0] + x (c[1] + x (c[2] + …)). */
function horner(x: string, coefficients: readonly number[]): string {
  const [last = 0, ...rest] = [...coefficients].reverse()
  return rest.reduce((sum, coefficient) => `fma(${sum}, ${x}, ${f32(coefficient)})`, f32(last))
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011): the upper 24 bits of the first word as a number in [0, 1). */
function threefry(): string {
  const lines: string[] = []
  for (let round = 0; round < 20; round++) {
    const by = at(ROTATIONS, round % 8)
    lines.push(`x += y; y = ((y << ${by}u) | (y >> ${32 - by}u)) ^ x;`)
    if (round % 4 !== 3) continue
    const next = (round + 1) / 4
    const key = ['stream', 'seed', 'third']
    lines.push(`x += ${at(key, next % 3)}; y += ${at(key, (next + 1) % 3)} + ${next}u;`)
  }
  return lines.map((line) => `  ${line}`).join('\n')
}

export const functions: { readonly [Name in FunctionName]: LibraryFunction } = {
  infinity: { text: 'fn infinity() -> f32 { return bitcast<f32>(step.y); }' },
  notANumber: { text: 'fn notANumber() -> f32 { return bitcast<f32>(step.z); }' },
  isNan: { text: 'fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }' },
  isFinite: { text: 'fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }' },
  maxOf: {
    needs: ['isNan'],
    text: 'fn maxOf(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, isNan(b)), a, isNan(a)); }',
  },
  minOf: {
    needs: ['isNan'],
    text: 'fn minOf(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, isNan(b)), a, isNan(a)); }',
  },
  // For n from -126 to 127.
  powerOfTwo: { text: 'fn powerOfTwo(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23u); }' },
  // e^x = 2^n e^r with |r| <= ln 2 / 2. Scaled in two steps: 2^n itself leaves the range of floats before the result does.
  expOf: {
    needs: ['isNan', 'infinity', 'powerOfTwo'],
    text: `fn expOf(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let whole = round(c * ${f32(Math.LOG2E)});
  let r = fma(whole, ${f32(-LN2_LOW)}, fma(whole, ${f32(-LN2_HIGH)}, c));
  let grown = ${horner('r', [1, ...GROWTH])};
  let n = i32(whole);
  let half = n >> 1u;
  let y = grown * powerOfTwo(half) * powerOfTwo(n - half);
  return select(select(y, infinity(), x > 88.72284), x, isNan(x));
}`,
  },
  // log(2^k m) = k ln 2 + log m with m in [√½, √2); f = m - 1, s = f / (2 + f), log m = 2 artanh s, arranged as
  // f - (f²/2 - s (f²/2 + R)) so that the leading term f carries no rounding (the arrangement of Sun's fdlibm).
  // Numbers below the normal range are whole multiples of 2^-149.
  logOf: {
    needs: ['infinity', 'notANumber'],
    text: `fn logOf(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let tiny = bits < 0x00800000;
  let lifted = select(bits, bitcast<i32>(f32(bits)), tiny);
  let k = (lifted - 0x3f3504f3) >> 23u;
  let f = bitcast<f32>(lifted - (k << 23u)) - 1.0;
  let n = f32(k - select(0, 149, tiny));
  let s = f / (2.0 + f);
  let z = s * s;
  let half = 0.5 * f * f;
  let rest = z * ${horner('z', [2 / 3, 2 / 5, 2 / 7, 2 / 9])};
  let y = n * ${f32(LN2_HIGH)} - ((half - fma(s, half + rest, n * ${f32(LN2_LOW)})) - f);
  let magnitude = bits & 0x7fffffff;
  let special = select(select(y, notANumber(), bits < 0), -infinity(), magnitude == 0);
  return select(special, x, bits >= 0x7f800000 || magnitude > 0x7f800000);
}`,
  },
  // tanh |x| = m / (m + 2) with m = e^2|x| - 1 = 2^n (e^2h - 1) + (2^n - 1), |h| <= ln 2 / 4, then the sign of x. Small x
  // keep all their digits, since nothing cancels; from 9.02 on the result rounds to 1.
  tanhOf: {
    needs: ['isNan', 'powerOfTwo'],
    text: `fn tanhOf(x: f32) -> f32 {
  let size = min(abs(x), 9.02);
  let n = round(size * ${f32(2 * Math.LOG2E)});
  let power = powerOfTwo(i32(n));
  let h = fma(n, ${f32(-Math.LN2 / 2)}, size);
  let grown = h * ${horner(
    'h',
    GROWTH.map((coefficient, i) => coefficient * 2 ** (i + 1)),
  )};
  let m = fma(grown, power, power - 1.0);
  let y = bitcast<f32>(bitcast<u32>(m / (m + 2.0)) | (bitcast<u32>(x) & 0x80000000u));
  return select(y, x, isNan(x));
}`,
  },
  sqrtOf: {
    needs: ['notANumber'],
    text: `fn sqrtOf(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let y = sqrt(max(x, 0.0));
  // Of zeros, NaN and plus infinity the root is the number itself, of what is negative there is none.
  let itself = (bits & 0x7fffffffu) == 0u || (bits & 0x7fffffffu) > 0x7f800000u || bits == 0x7f800000u;
  return select(select(y, notANumber(), (bits >> 31u) == 1u), x, itself);
}`,
  },
  toInt: {
    needs: ['isNan'],
    text: `fn toInt(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648.0, 2147483520.0));
  return select(select(inside, 2147483647, x >= 2147483648.0), 0, isNan(x));
}`,
  },
  random: {
    text: `fn random(position: i32, count: i32, key: i32, stream: u32) -> f32 {
  let seed = bitcast<u32>(key);
  let third = 0x1bd11bdau ^ stream ^ seed;
  var x = bitcast<u32>(position) + stream;
  var y = bitcast<u32>(count) + seed;
${threefry()}
  return f32(x >> 8u) * ${f32(2 ** -24)};
}`,
  },
  // Floats as ints of the same order, NaN above all; and back.
  orderOf: {
    text: `fn orderOf(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return select(bits ^ ((bits >> 31u) & 0x7fffffff), 0x7fffffff, (bits & 0x7fffffff) > 0x7f800000);
}`,
  },
  fromOrder: {
    text: 'fn fromOrder(key: i32) -> f32 { return bitcast<f32>(key ^ ((key >> 31u) & 0x7fffffff)); }',
  },
}
