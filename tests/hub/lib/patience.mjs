// How long a test waits for something that must come, before it fails. A sanitizer makes programs several times slower, so
// packaging/check.d/tests sets ANGOD_TEST_PATIENCE for its builds. Nothing is slower that comes in time.

const FACTOR = Number(process.env.ANGOD_TEST_PATIENCE ?? 1);

/** @param {number} ms on a build without a sanitizer */
export const patient = (ms) => ms * FACTOR;
