// Staff sign in at the insurer's issuer. The browser itself exchanges the code and hands on an id token.

import { NoConnectionError, addressOf, answered, claimsOf } from "./client.js";
import { IssuerRefusedError, leaveForIssuer, returnedFromIssuer } from "./oidc.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

/** What an issuer's answer says; whether it breaks off is only known as it is read. */
const saidBy = async (answer) => JSON.parse(await answered(answer.text()));

async function discovered() {
  const issuer = meta("oidc-issuer").replace(/\/$/, "");
  const answer = await answered(fetch(`${issuer}/.well-known/openid-configuration`, { credentials: "omit" }));
  if (!answer.ok) throw new NoConnectionError("discovery failed");
  return saidBy(answer);
}

export async function leaveForStaffIssuer() {
  const { authorization_endpoint: endpoint } = await discovered();
  await leaveForIssuer("staff", { endpoint, client: meta("oidc-client") });
}

/**
 * Give the id token and the nonce it was asked for with when the issuer has just sent somebody back, null when it has
 * not. Raises IssuerRefusedError.
 */
export async function returnFromStaffIssuer() {
  const back = returnedFromIssuer("staff");
  if (!back) return null;
  const { token_endpoint: endpoint } = await discovered();
  const body = new URLSearchParams({
    grant_type: "authorization_code", code: back.code, redirect_uri: addressOf("/staff"), client_id: meta("oidc-client"),
    code_verifier: back.verifier,
  });
  const answer = await answered(fetch(endpoint, { method: "POST", body, credentials: "omit" }));
  if (!answer.ok) throw new IssuerRefusedError();
  const { id_token: idToken } = await saidBy(answer);
  if (claimsOf(idToken).nonce !== back.nonce) throw new IssuerRefusedError();
  return { id_token: idToken, nonce: back.nonce };
}
