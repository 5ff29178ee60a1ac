// What a browser may lack, or throw at: random numbers, stores, dialogs. Nothing else in the faces asks for them.

/**
 * 122 random bits as a UUID. Older web views, and pages without TLS, have no `randomUUID`. It tells one phone and one
 * form from others and is no secret, so that plain random numbers do where there are no better ones.
 */
export function randomId() {
  const source = typeof crypto === "undefined" ? {} : crypto ?? {};
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = new Uint8Array(16);
  if (typeof source.getRandomValues === "function") source.getRandomValues(bytes);
  else bytes.forEach((_, place) => { bytes[place] = Math.floor(Math.random() * 256); });
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // version and variant of RFC 9562
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** One of the browser's stores; the page's own memory where it is switched off, forbidden or full. */
function keeping(open) {
  const own = new Map();
  const tried = (act, otherwise) => {
    try {
      return act(open());
    } catch {
      return otherwise?.() ?? null;
    }
  };
  return {
    get: (key) => (own.has(key) ? own.get(key) : tried((store) => store.getItem(key))),
    set: (key, value) => void tried((store) => { store.setItem(key, value); own.delete(key); }, () => own.set(key, value)),
    remove: (key) => { own.delete(key); tried((store) => store.removeItem(key)); },
  };
}

/** Until the tab is closed. */
export const forTab = keeping(() => sessionStorage);
/** Until the browser is emptied. */
export const forBrowser = keeping(() => localStorage);

/** Whether a dialog of ours can be shown (not before iOS 15.4); else the browser's own asks. */
export const hasDialogs = () => typeof HTMLDialogElement !== "undefined";

/** Put a text where it can be pasted from; false where the browser does not let us (without TLS, in older web views). */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
