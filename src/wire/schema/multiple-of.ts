/** `multipleOf` in decimals: 19.99 is a multiple of 0.01, although none of the two is a double. */

/** Both as the shortest decimals that name their doubles, which is how they were written. */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  if (!Number.isFinite(value)) return false;
  const [digits, power] = decimal(value);
  const [stepDigits, stepPower] = decimal(step);
  const least = Math.min(power, stepPower);
  return (digits * tens(power - least)) % (stepDigits * tens(stepPower - least)) === 0n;
}

/** The digits as a whole number, and the power of ten that they are to be taken by. */
function decimal(number: number): [digits: bigint, power: number] {
  const [mantissa = '0', exponent = '0'] = String(number).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

function tens(power: number): bigint {
  return 10n ** BigInt(power);
}
