// Staff sign in at their own issuer: authorization code with PKCE (RFC 7636), no secret in the browser.

import { NoConnectionError, answered } from "./api.js";
import { forTab } from "./browser.js";
import { addressOf } from "./site.js";

const PENDING = "daycover.staff.pending";
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const SESSION_SECONDS = 12 * 3600; // since the password, as the server takes it
const redirectUri = () => addressOf("/staff");

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
export const claimsOf = (jwt) => JSON.parse(atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));

/** What an issuer's answer says; whether it breaks off is only known as it is read. */
const saidBy = async (answer) => JSON.parse(await answered(answer.text()));

async function discovered() {
  const issuer = meta("oidc-issuer").replace(/\/$/, "");
  const answer = await answered(fetch(`${issuer}/.well-known/openid-configuration`, { credentials: "omit" }));
  if (!answer.ok) throw new NoConnectionError("discovery failed");
  return saidBy(answer);
}

/** Leave for the issuer; what must be compared on the way back waits in this tab. */
export async function leaveForIssuer() {
  const { authorization_endpoint: endpoint } = await discovered();
  const pending = { state: random(), nonce: random(), verifier: random() };
  forTab.set(PENDING, JSON.stringify(pending));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier)));
  const address = new URL(endpoint);
  for (const [name, value] of Object.entries({
    response_type: "code", client_id: meta("oidc-client"), redirect_uri: redirectUri(), scope: "openid profile",
    state: pending.state, nonce: pending.nonce, code_challenge: challenge, code_challenge_method: "S256",
    max_age: SESSION_SECONDS,
  })) address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Give the id token and the nonce it was asked for with when the issuer has just sent somebody back, null when it has
 * not. The code leaves the address at once. Raises IssuerRefusedError, also for an answer that this tab never asked for.
 */
export async function returnFromIssuer() {
  const address = new URL(location.href);
  const { code, state, error } = Object.fromEntries(address.searchParams);
  if (!code && !error) return null;
  history.replaceState(null, "", address.pathname + address.hash);
  const pending = JSON.parse(forTab.get(PENDING) ?? "null");
  forTab.remove(PENDING);
  if (error || !pending || state !== pending.state) throw new IssuerRefusedError();
  const { token_endpoint: endpoint } = await discovered();
  const body = new URLSearchParams({
    grant_type: "authorization_code", code, redirect_uri: redirectUri(), client_id: meta("oidc-client"),
    code_verifier: pending.verifier,
  });
  const answer = await answered(fetch(endpoint, { method: "POST", body, credentials: "omit" }));
  if (!answer.ok) throw new IssuerRefusedError();
  const { id_token: idToken } = await saidBy(answer);
  if (claimsOf(idToken).nonce !== pending.nonce) throw new IssuerRefusedError();
  return { id_token: idToken, nonce: pending.nonce };
}

export class IssuerRefusedError extends Error {}
