/** What a caller may do; each includes those before it. */
export const accessScopes = ["read", "operate", "admin"] as const;

export type AccessScope = (typeof accessScopes)[number];

/** What a person may be called; also what an identity provider calls them, as far as it fits. */
export const userNamePattern = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

export const userNameExpected = "a name of letters, digits and . _ @ + - (at most 100 characters)";

/** Who calls. */
export interface Actor {
  kind: "user" | "token";
  id: string;
  name: string;
  scope: AccessScope;
}

/** Whether someone with scope `has` may do what wants `needs`. */
export function covers(has: AccessScope, needs: AccessScope): boolean {
  return accessScopes.indexOf(has) >= accessScopes.indexOf(needs);
}
