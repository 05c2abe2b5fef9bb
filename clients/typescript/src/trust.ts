/** Whether a pack is the one that the server's owner signed. */

/** Bytes that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What is asked of cryptography. Give your own where WebCrypto lacks it, as in React Native. */
export interface Verifier {
  sha256(bytes: Bytes): Promise<Uint8Array>;
  /** Whether an Ed25519 signature over a message holds under a public key of 32 bytes. */
  verify(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean>;
}

export const webCryptoVerifier: Verifier = {
  async sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  },
  async verify(publicKey, signature, message) {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", key, signature, message);
  },
};

/** What is signed of a pack. */
export interface Signed {
  region: string;
  language: string;
  cursor: string;
  sha256: string; // hexadecimal, of the uncompressed JSON
}

/** The text under the signature. */
export function signedText({ region, language, cursor, sha256 }: Signed): string {
  return `locator-pack/1\n${region}\n${language}\n${cursor}\n${sha256}\n`;
}

/** Whether a signature holds; one that cannot be read does not. Key and signature are base64. */
export async function isSigned(
  verifier: Verifier,
  signed: Signed,
  signature: string,
  publicKey: string,
): Promise<boolean> {
  const key = bytesOf(publicKey);
  const given = bytesOf(signature);
  if (key?.length !== 32 || given?.length !== 64) return false;
  return verifier.verify(key, given, new TextEncoder().encode(signedText(signed)));
}

/** The SHA-256 of a text's UTF-8, hexadecimal. */
export async function sha256Of(verifier: Verifier, text: string): Promise<string> {
  const digest = await verifier.sha256(new TextEncoder().encode(text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(base64: string): Bytes | null {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
