// An OpenID provider on loopback that issues JWT access tokens to clients with private_key_jwt.
// usage: node provider.mjs PORT CLIENTS.json, in the folder where its packages are installed;
// CLIENTS.json is [{"client_id": ..., "jwks": {"keys": [...]}}].
// A token's audience is what follows "urn:audience:" in the requested resource (RFC 8707).
// POST /control/keys adds a signing key, which signs from then on; earlier keys stay published.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.cwd()}/`);
const { default: Provider } = await import(pathToFileURL(installed.resolve("oidc-provider")));

const [port, clientsPath] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const clients = JSON.parse(readFileSync(clientsPath, "utf8")).map((client) => ({
  ...client,
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: "private_key_jwt",
  token_endpoint_auth_signing_alg: "ES256",
}));

function newSigningKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "ES256", use: "sig" };
}

function resourceServer(resource, kid) {
  const audience = resource.replace(/^urn:audience:/, "");
  return { audience, scope: "", accessTokenTTL: 300, accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256", kid } } };
}

// The provider reads its keys once, so a rotation is a new provider with one key more.
function providerWith(keys) {
  const { kid } = keys.at(-1);
  const provider = new Provider(issuer, {
    clients,
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    clientAuthMethods: ["private_key_jwt"],
    jwks: { keys },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => resourceServer(resource, kid),
      },
    },
  });
  return provider.callback();
}

const keys = [newSigningKey()];
let answer = providerWith(keys);
createServer((request, response) => {
  if (request.method === "POST" && request.url === "/control/keys") {
    keys.push(newSigningKey());
    answer = providerWith(keys);
    response.writeHead(204).end();
  } else {
    answer(request, response);
  }
}).listen(Number(port), "127.0.0.1");
