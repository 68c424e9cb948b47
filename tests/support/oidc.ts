import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Provider, type Configuration } from "oidc-provider";

export interface OidcPerson {
  email?: string;
  email_verified?: boolean;
  preferred_username?: string;
  groups?: string[];
}

export interface OidcServer {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who may sign in there, by their subject. */
  people: Map<string, OidcPerson>;
  /** Registers the client, which is only known once it listens; until then the provider answers nothing. */
  register: (redirectUri: string) => void;
}

/** A real OpenID Provider (oidc-provider) on a free port of 127.0.0.1, until the running test ends. */
export async function startOidc(): Promise<OidcServer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map<string, OidcPerson>();
  const clientId = "holdfast";
  const clientSecret = "a-client-secret-of-the-tests";
  const configuration = (redirectUri: string): Configuration => ({
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    scopes: ["openid", "profile", "email", "groups"],
    claims: {
      openid: ["sub"],
      profile: ["preferred_username", "name"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...people.get(accountId) }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ["cookies-of-the-tests"] },
    features: { devInteractions: { enabled: true } },
    ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    issuer,
    clientId,
    clientSecret,
    people,
    register(redirectUri) {
      const answer = new Provider(issuer, configuration(redirectUri)).callback();
      server.on("request", (request, response) => void answer(request, response));
    },
  };
}

/** A browser as far as signing in needs one: cookies per origin, redirects, and the provider's two forms. */
export function browser() {
  const jar = new Map<string, Map<string, string>>();
  const cookiesOf = (origin: string): Map<string, string> => {
    const cookies = jar.get(origin) ?? new Map<string, string>();
    jar.set(origin, cookies);
    return cookies;
  };
  const go = async (address: string, form?: Record<string, string>): Promise<{ response: Response; text: string }> => {
    let url = new URL(address);
    let body = form === undefined ? undefined : new URLSearchParams(form);
    for (;;) {
      const cookies = cookiesOf(url.origin);
      const response = await fetch(url, {
        method: body === undefined ? "GET" : "POST",
        redirect: "manual",
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
        ...(body === undefined ? {} : { body }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "" || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await response.text();
      const to = response.headers.get("location");
      if (to === null) return { response, text };
      url = new URL(to, url);
      body = undefined;
    }
  };
  return {
    go,
    cookiesOf,
    /** Signs in at the provider as `subject` and agrees to whatever it asks; gives the page on which that ended. */
    async signIn(address: string, subject: string): Promise<{ response: Response; text: string }> {
      let at = await go(address);
      for (let forms = 0; forms < 3; forms++) {
        const action = /<form[^>]*action="([^"]+)"/.exec(at.text)?.[1];
        if (action === undefined) return at;
        const prompt = /name="prompt" value="([^"]+)"/.exec(at.text)?.[1] ?? "";
        const answers = prompt === "login" ? { prompt, login: subject, password: "any" } : { prompt };
        at = await go(new URL(action, at.response.url).href, answers);
      }
      return at;
    },
  };
}
