/** 32-bit floats, each as the double that is read as it: about every power of two, the smallest, and many of random bits. */
export const oddFloats = (randomCount: number): readonly number[] => {
  const float = new Float32Array(1)
  const bits = new Uint32Array(float.buffer)
  const ofBits = (pattern: number): number => {
    bits[0] = pattern
    return float[0] as number
  }
  let last = 2_463_534_242
  // Xorshift, so that a failure comes back.
  const randomBits = (): number => {
    last ^= last << 13
    last ^= last >>> 17
    last ^= last << 5
    return last >>> 0
  }
  const random = Array.from({ length: randomCount }, randomBits)
  const powers = Array.from({ length: 254 }, (_, exponent) => (exponent + 1) * 2 ** 23)
  return [
    ...powers.flatMap((power) => [power - 1, power, power + 1]).map(ofBits),
    ...Array.from({ length: 500 }, (_, pattern) => ofBits(pattern)),
    ...random.map(ofBits),
    ...random.map((pattern) => Math.fround(pattern / 2 ** (pattern % 28))),
    ...random.map((pattern) => Math.fround(pattern / 10 ** (pattern % 12))),
    ...[123_456_789, 1e20, -0.000_105_299_055_576_324_46, 7_194.031_25, 33_554_448].map(Math.fround),
  ].filter((number) => Number.isFinite(number) && !Object.is(number, -0))
}
