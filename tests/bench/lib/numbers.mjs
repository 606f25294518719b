// Small statistics.

/** @param {number[]} values @param {number} share 0..1 */
export function percentile(values, share) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {number[]} values */
export const median = (values) => percentile(values, 0.5);
