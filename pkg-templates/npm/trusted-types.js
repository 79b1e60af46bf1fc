/** The Trusted Types policy under which workers are started, in the page and in a worker that starts others. */

/** @import { TrustedUrl } from "./platform.js" */
/** @typedef {{ createScriptURL(url: string): TrustedUrl }} ScriptPolicy */

const here = globalThis.location;
/** @type {{ createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy } | undefined} */
const trustedTypes = Reflect.get(globalThis, "trustedTypes");

/**
 * The policy a page must allow by `trusted-types crash-predictor`; null where there are no Trusted Types. Exported because a
 * second one of its name may throw. It lets through addresses of the page's own origin and no others.
 * @type {ScriptPolicy | null}
 */
export const trustedTypesPolicy =
  trustedTypes?.createPolicy("crash-predictor", {
    createScriptURL(url) {
      const { href, origin } = new URL(url, here.href);
      if (origin !== here.origin) throw new TypeError(`${href} is not of this page's origin`);
      return href;
    },
  }) ?? null;
