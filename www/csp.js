/**
 * The page's Content-Security-Policy, written once: build.js puts it into index.html, serve.js sends it as a header,
 * and the page itself shows it in its footer.
 *
 * The two hashes are the constant style blocks that @observablehq/plot 0.6.17 inserts for `className: "plot"` (figure and
 * swatches). A change of Plot's version changes them; the end-to-end tests then report the violation.
 */
const PLOT_STYLES = [
  "'sha256-+TfQir1nvDucAdvE6XUQBt4ayUjpAWkbw2kCdSfekHM='",
  "'sha256-vnLCBQhI2E03zAY/Mp8RxBhuZSloT7+cclqIlG2t6/M='",
];

const directives = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  `style-src 'self' ${PLOT_STYLES.join(" ")}`,
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types crash-predictor",
];

/** The policy for a `<meta>` element, where `frame-ancestors` has no effect. */
export const metaPolicy = directives.join("; ");

/** The policy for the HTTP header. */
export const headerPolicy = [...directives, "frame-ancestors 'none'"].join("; ");
