// Sign-in at an issuer of the people's own: authorization code with PKCE (RFC 7636), no secret in the browser.

import { addressOf, forTab } from "./client.js";

const SESSION_SECONDS = 12 * 3600; // since the password, as the server takes it
const pendingOf = (face) => `daycover.${face}.pending`;

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/**
 * Leave a face for an issuer. What must be compared on the way back waits in this tab, with what the face gives to
 * wait there.
 */
export async function leaveForIssuer(face, { endpoint, client, waiting = {} }) {
  const pending = { ...waiting, state: random(), nonce: random(), verifier: random() };
  forTab.set(pendingOf(face), JSON.stringify(pending));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier)));
  const address = new URL(endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code", client_id: client, redirect_uri: addressOf(`/${face}`), scope: "openid profile",
    state: pending.state, nonce: pending.nonce, code_challenge: challenge, code_challenge_method: "S256",
    max_age: SESSION_SECONDS,
  })) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Give the code and what waited for it when an issuer has just sent somebody back, null when none has. The code leaves
 * the address at once. Raises IssuerRefusedError, also for an answer that this tab never asked for.
 */
export function returnedFromIssuer(face) {
  const address = new URL(location.href);
  const { code, state, error } = Object.fromEntries(address.searchParams);
  if (!code && !error) return null;
  history.replaceState(null, "", address.pathname + address.hash);
  const pending = JSON.parse(forTab.get(pendingOf(face)) ?? "null");
  forTab.remove(pendingOf(face));
  if (error || !pending || state !== pending.state) throw new IssuerRefusedError();
  return { ...pending, code };
}

export class IssuerRefusedError extends Error {}
