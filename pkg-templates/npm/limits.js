/** What is known to be no model by its size alone, before a byte of it is read. */

/** Bytes of a model file at most: of its header and of what it holds, as the engine has it (src/model_file.rs). */
const MODEL_BYTES = 50 + (128 << 20);

/** @param {number} size  of a file that is to hold a model */
export function checkModelSize(size) {
  if (size <= MODEL_BYTES) return;
  const mib = Math.ceil(size / 2 ** 20).toLocaleString("en-GB");
  const problem = `the file is no saved model: it has ${mib} MiB, and a model has 128 at most; was it a log?`;
  throw Object.assign(new Error(problem), { code: "NotAModel" });
}
