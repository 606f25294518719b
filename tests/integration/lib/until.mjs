import { patient } from '../../hub/lib/patience.mjs';

/** Waits until check() is truthy and returns its value. It polls, because check() reads files and other processes. */
export async function until(check, what, timeoutMs = 15000) {
    const deadline = Date.now() + patient(timeoutMs);
    for (;;) {
        const value = await check();
        if (value) return value;
        if (Date.now() > deadline) throw new Error(`${patient(timeoutMs)} ms passed while waiting for ${what}`);
        await new Promise((resume) => setTimeout(resume, 10));
    }
}
