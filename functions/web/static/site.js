// Where this site stands: at a domain's root, or under a path. Known from the address that this script came from.

const FILES = "/static/";

/** The address of the site with a slash at its end; every address of ours begins with it. */
export const ROOT = import.meta.url.slice(0, import.meta.url.lastIndexOf(FILES) + 1);

/** The address of a path of ours: `/v1/claims` is under the site, wherever that is. */
export const addressOf = (path) => ROOT + path.slice(1);

/** A link of the API leads to its public address; the same here, whichever of its addresses this page was opened at. */
export const hereOf = (link, path) => addressOf(link.slice(link.indexOf(path)));

/** What an invited person opens. */
export const invitationLink = (token) => addressOf(`/desk#/invitation/${encodeURIComponent(token)}`);
