// For a page that never gets its connection back: its answers as a file, signed with the key that the server gave the
// page when it began. The server knows by the signature that the file is of this attempt and was not written by hand.

const hex = bytes => [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, "0")).join("");

export const canSign = () => Boolean(globalThis.crypto?.subtle);

/** The text of the file: what is signed stands in it as it was signed. */
export async function signed(attempt, secret, saves, madeAt) {
  const said = JSON.stringify({ attempt, made_at: new Date(madeAt).toISOString(), saves });
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mark = hex(await crypto.subtle.sign("HMAC", key, bytes.encode(said)));
  return JSON.stringify({ what: "answers saved without a connection", signed: said, signature: mark });
}

export function offer(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
