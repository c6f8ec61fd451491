/** A transcript with gaps, for learners to fill: it shows nothing, and does not replay as it stands. */
export function isExercise(file: string): boolean {
  return /(^|[\\/])exercise\.wire$/.test(file);
}
