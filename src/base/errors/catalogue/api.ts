import { exits, type CatalogueEntry } from "../entry.ts";

/** What is wrong with a request as such, whatever it asks for. */
export const apiErrors = {
  HF_REQUEST_INVALID: {
    message: "The request is not as it should be: {detail}.",
    hint: "`errors` names each field; /api/docs shows what is expected.",
    status: 400,
    exit: exits.usage,
  },
  HF_REQUEST_MALFORMED: {
    message: "The request cannot be read: {detail}",
    hint: "Send JSON in UTF-8 with the header `Content-Type: application/json`.",
    status: 400,
    exit: exits.usage,
  },
  HF_NO_SUCH_ROUTE: {
    message: "There is nothing at {path}.",
    hint: "/api/docs lists what there is.",
    status: 404,
    exit: exits.usage,
  },
  HF_METHOD_NOT_ALLOWED: {
    message: "{path} does not take {method}.",
    hint: "It takes {allowed}.",
    status: 405,
    exit: exits.usage,
  },
  HF_TOO_MANY_STREAMS: {
    message: "{who} follows the events in {limit} places already.",
    hint: "Close one of them, such as a tab of the browser.",
    status: 429,
    exit: exits.busy,
  },
  HF_REQUEST_TOO_SLOW: {
    message: "The request did not arrive in time.",
    hint: "Send it again; what is slow is the way to here.",
    status: 408,
    exit: exits.usage,
  },
  HF_BODY_TOO_LARGE: {
    message: "The request's body is larger than {limit}.",
    hint: "Send less at once.",
    status: 413,
    exit: exits.usage,
  },
  HF_MEDIA_TYPE: {
    message: "A body of the type {type} is not understood here.",
    hint: "Send JSON with the header `Content-Type: application/json`.",
    status: 415,
    exit: exits.usage,
  },
  HF_HOST_REFUSED: {
    message: "Holdfast is not known here by the name {host}.",
    hint: "Use its address or the machine's name, or set daemon.public_url to how it is reached.",
    status: 421,
    exit: exits.usage,
  },
  HF_HEADERS_TOO_LARGE: {
    message: "The request's headers are too large.",
    hint: "Send fewer or shorter headers; often it is old cookies of other programs on the same name.",
    status: 431,
    exit: exits.usage,
  },
  HF_ADDRESS_REFUSED: {
    message: "The address {address} is refused: {reason}.",
    hint: "Give the address of the service itself. Holdfast never connects to cloud metadata or link-local addresses.",
    status: 400,
    exit: exits.usage,
  },
} as const satisfies Record<string, CatalogueEntry>;
