// Addresses of our own pages, from the address of the one that is open: the pages may stand below a path.

const directory = () => new URL(".", location.href.split(/[?#]/)[0]);

/** Where a face is: `desk` → https://daycover.example/desk. */
export const addressOf = (face) => new URL(face, directory()).href;

/** What an invited person opens. */
export const invitationLink = (token) => `${addressOf("desk")}#/invitation/${encodeURIComponent(token)}`;
