// An OpenID provider on the loopback, with a few people: see scripts/oidc.sh.
//
//   provider.mjs REDIRECT     prints its issuer; who signs in as ann, bob or eve is that one
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirect] = process.argv.slice(2);
const people = {
  ann: { email: "ann@acme.example", email_verified: true, name: "Ann Lee", groups: ["ops", "everybody"] },
  bob: { email: "bob@acme.example", email_verified: true, name: "Bob Stone", groups: ["sales"] },
  eve: { email: "ann@acme.example", email_verified: false, name: "Eve", groups: ["ops"] },
  max: { email: "max@other.example", email_verified: true, name: "Max", groups: ["sales"] },
};

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "firsthand", client_secret: "of the client", redirect_uris: [redirect] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "email", "profile", "groups"],
  pkce: { required: () => true },
  cookies: { keys: ["of the test"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.on("server_error", (_, error) => console.error(error));
server.on("request", provider.callback());
console.log(issuer);
