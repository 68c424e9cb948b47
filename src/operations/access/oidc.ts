import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { failure, isFailure } from "../../base/errors/error.ts";
import type { AccessScope } from "../../domain/access.ts";
import type { OidcSettings } from "../../domain/daemon-settings.ts";
import { endSessionsOf } from "../../state/queries/sessions.ts";
import { changeUser, findUser, type User } from "../../state/queries/users.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { secretResolver } from "../context/secrets.ts";
import { merged, namesFor, scopeOf, valuesOf, type Claims } from "./oidc-claims.ts";
import { beginSession, type Begun } from "./sessions.ts";
import { createUser } from "./users.ts";

const timeoutSeconds = 15;

/** What a provider says of itself changes about never; until it is asked again, sign-ins ask it only for a person. */
const discoveredMs = 10 * 60_000;
const discovered = new WeakMap<OidcSettings, { server: ReturnType<Configuration["serverMetadata"]>; at: number }>();

/** What the browser keeps while its person is at the provider: only with it can the answer be redeemed. */
export interface Flow {
  state: string;
  nonce: string;
  verifier: string;
}

/** Begins a sign-in: where to send the browser. Throws HF_OIDC_OFF, HF_OIDC_FAILED, HF_SECRET_UNAVAILABLE. */
export async function beginOidc(holdfast: Holdfast, redirectUri: string): Promise<{ flow: Flow; to: URL }> {
  const settings = settingsOf(holdfast);
  const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
  const challenge = await calculatePKCECodeChallenge(flow.verifier);
  const provider = await providerOf(holdfast, settings);
  const offered = provider.serverMetadata().scopes_supported ?? [];
  const scope = ["openid", "profile", "email", ...(offered.includes("groups") ? ["groups"] : [])].join(" ");
  const to = buildAuthorizationUrl(provider, {
    redirect_uri: redirectUri,
    scope,
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return { flow, to };
}

/**
 * Ends it, with the address at which the provider sent the browser back. Whoever is listed comes in, with the scope that
 * the provider's claims give now. Throws HF_OIDC_OFF, HF_OIDC_FAILED, HF_OIDC_REFUSED, HF_CREDENTIALS_REFUSED.
 */
export async function endOidc(holdfast: Holdfast, flow: Flow, cameBackTo: URL): Promise<Begun> {
  const settings = settingsOf(holdfast);
  const provider = await providerOf(holdfast, settings);
  const claims = await asking(settings, async () => await redeem(provider, flow, cameBackTo));
  return await beginSession(holdfast, await userFor(holdfast, settings, claims));
}

function settingsOf({ declared }: Pick<Holdfast, "declared">): OidcSettings {
  const { oidc } = declared.settings.daemon ?? {};
  if (oidc === undefined) throw failure("HF_OIDC_OFF", {});
  return oidc;
}

async function providerOf(holdfast: Holdfast, settings: OidcSettings): Promise<Configuration> {
  const issuer = new URL(settings.issuer);
  const secret =
    settings.clientSecret === undefined ? undefined : await secretResolver(holdfast)(settings.clientSecret);
  // A provider in one's own network may do without TLS; whoever writes http:// has decided that.
  const insecure = issuer.protocol === "http:";
  const execute = insecure ? [allowInsecureRequests] : [];
  const found = discovered.get(settings);
  const server =
    found !== undefined && performance.now() - found.at < discoveredMs
      ? found.server
      : await asking(settings, async () => {
          const options = { execute, timeout: timeoutSeconds };
          return (await discovery(issuer, settings.clientId, undefined, None(), options)).serverMetadata();
        });
  if (server !== found?.server) discovered.set(settings, { server, at: performance.now() });
  const basic = server.token_endpoint_auth_methods_supported?.includes("client_secret_basic") ?? true;
  const text = secret?.reveal();
  const proof = text === undefined ? None() : basic ? ClientSecretBasic(text) : ClientSecretPost(text);
  const provider = new Configuration(server, settings.clientId, text, proof);
  provider.timeout = timeoutSeconds;
  if (insecure) allowInsecureRequests(provider);
  return provider;
}

async function redeem(provider: Configuration, flow: Flow, cameBackTo: URL): Promise<Claims & { sub: string }> {
  const tokens = await authorizationCodeGrant(provider, cameBackTo, {
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    pkceCodeVerifier: flow.verifier,
    idTokenExpected: true,
  });
  const proven = tokens.claims();
  if (proven === undefined) throw new Error("the provider sent no ID token");
  // Many providers tell groups and addresses only there.
  const told =
    provider.serverMetadata().userinfo_endpoint === undefined
      ? {}
      : await fetchUserInfo(provider, tokens.access_token, proven.sub);
  return merged(told, proven);
}

async function userFor(holdfast: Holdfast, settings: OidcSettings, claims: Claims & { sub: string }): Promise<User> {
  const { state } = holdfast;
  const oidcSubject = `${settings.issuer} ${claims.sub}`;
  const known = await findUser(state, { oidcSubject });
  const values = valuesOf(claims, settings);
  const scope = scopeOf(values, settings);
  const names = namesFor(claims, settings.issuer, claims.sub);
  if (scope === undefined) {
    if (known !== undefined) await endSessionsOf(state, known.id);
    throw failure("HF_OIDC_REFUSED", {
      who: known?.name ?? names[0] ?? claims.sub,
      claim: settings.claim,
      has: values.length === 0 ? "none" : values.join(", "),
    });
  }
  if (known === undefined) return await addFirstFree(holdfast, names, { oidcSubject, scope });
  if (known.disabledAt !== undefined) throw failure("HF_CREDENTIALS_REFUSED", { what: "account" });
  if (known.scope !== scope) await changeUser(state, known.id, { scope });
  return { ...known, scope };
}

async function addFirstFree(
  holdfast: Holdfast,
  names: readonly string[],
  asked: { oidcSubject: string; scope: AccessScope },
): Promise<User> {
  const [name = "", ...others] = names;
  try {
    return await createUser(holdfast, { ...asked, name });
  } catch (error) {
    if (others.length === 0 || !isFailure(error, "HF_NAME_TAKEN")) throw error;
    return await addFirstFree(holdfast, others, asked);
  }
}

/** Whatever the provider or the way to it makes fail is told as such. */
async function asking<T>({ issuer }: OidcSettings, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw failure("HF_OIDC_FAILED", { issuer, detail: reasonOf(error) }, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const told = [
    error.message,
    "error_description" in error ? error.error_description : undefined,
    error.cause instanceof Error ? error.cause.message : undefined,
  ];
  return told.filter((text) => typeof text === "string" && text !== "").join(": ");
}
