import { exits, type CatalogueEntry } from "../entry.ts";

/** Who may do what. */
export const accessErrors = {
  HF_SIGN_IN: {
    message: "This wants a sign-in.",
    hint: "Sign in, or send a token: `Authorization: Bearer hf_…` (`holdfast token create NAME --scope read` makes one).",
    status: 401,
    exit: exits.usage,
  },
  HF_CREDENTIALS_REFUSED: {
    message: "The {what} is unknown, expired or withdrawn.",
    hint: "Sign in again, or make a new token.",
    status: 401,
    exit: exits.usage,
  },
  HF_LOGIN_FAILED: {
    message: "Name or password is wrong.",
    hint: "On the machine itself, `holdfast user password NAME` sets a new password.",
    status: 401,
    exit: exits.usage,
  },
  HF_SCOPE_TOO_SMALL: {
    message: "This wants the scope {needed}; yours is {scope}.",
    hint: "Ask an admin, or use a token with the scope {needed}.",
    status: 403,
    exit: exits.usage,
  },
  HF_CROSS_ORIGIN: {
    message: "A page of another origin ({origin}) asked for a change.",
    hint: "Use Holdfast's own page. If it is behind a proxy, set daemon.public_url to how it is reached.",
    status: 403,
    exit: exits.usage,
  },
  HF_TOO_MANY_ATTEMPTS: {
    message: "Too many attempts. Try again in {seconds} seconds.",
    hint: "Wait, or use `holdfast user password NAME` on the machine itself.",
    status: 429,
    exit: exits.busy,
  },
  HF_SETUP_REFUSED: {
    message: "The set-up token is not the right one.",
    hint: "`holdfast serve` prints it at its start for as long as there is no user.",
    status: 403,
    exit: exits.usage,
  },
  HF_SETUP_DONE: {
    message: "Holdfast has been set up already.",
    hint: "Sign in; on the machine itself, `holdfast user add NAME` makes another user.",
    status: 409,
    exit: exits.usage,
  },
  HF_NAME_TAKEN: {
    message: "The {kind} {name} is there already.",
    hint: "Choose another name.",
    status: 409,
    exit: exits.usage,
  },
  HF_LAST_ADMIN: {
    message: "{name} is the last admin who can sign in.",
    hint: "Make another admin first.",
    status: 409,
    exit: exits.usage,
  },
  HF_PASSWORD_WEAK: {
    message: "The password is too short: {length} characters.",
    hint: "Take at least {least} characters.",
    status: 400,
    exit: exits.usage,
  },
  HF_PERSON_NEEDED: {
    message: "A token belongs to nobody: this wants someone signed in.",
    hint: "Sign in with name and password.",
    status: 403,
    exit: exits.usage,
  },
  HF_NO_PASSWORD: {
    message: "{name} signs in by OIDC and has no password.",
    hint: "`holdfast user password {name}` gives one.",
    status: 409,
    exit: exits.usage,
  },
  HF_OIDC_OFF: {
    message: "Sign-in by OIDC is not set up.",
    hint: "Declare daemon.oidc in holdfast.yaml.",
    status: 404,
    exit: exits.usage,
  },
  HF_OIDC_FAILED: {
    message: "The sign-in at {issuer} did not succeed: {detail}",
    hint: "Start again from the sign-in page. If it fails again, compare client id, secret and redirect address with the provider.",
    status: 502,
    exit: exits.failed,
  },
  HF_OIDC_REFUSED: {
    message: "{who} may not come in: no value of the claim {claim} is listed under daemon.oidc.",
    hint: "Add a value to admins, operators or readers in daemon.oidc: this person has {has}.",
    status: 403,
    exit: exits.usage,
  },
} as const satisfies Record<string, CatalogueEntry>;
