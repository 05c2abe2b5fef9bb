/** Packs signed in the test, as the server signs them. */

import { createHash, generateKeyPairSync, sign } from "node:crypto";

import type { Pack } from "../src/pack.ts";
import { signedText } from "../src/trust.ts";

export interface Signer {
  publicKey: string; // base64 of 32 bytes
  entry(pack: Pack): Record<string, unknown>;
}

export function aSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    publicKey: raw.toString("base64"),
    entry(pack) {
      const { region, language, cursor } = pack;
      const body = JSON.stringify(pack);
      const sha256 = createHash("sha256").update(body).digest("hex");
      const text = signedText({ region, language, cursor, sha256 });
      const signature = sign(null, Buffer.from(text), privateKey).toString("base64");
      const bytes = Buffer.byteLength(body);
      return { region, name: "Pennsylvania", areas: pack.areas, cursor, bytes, sha256, signature };
    },
  };
}
