/** The origin of what the API declared; everything else is read-only there. */
export const apiOrigin = "API";

/** The origin of what Holdfast declares by itself, such as the policy `default`. */
export const builtInOrigin = "built in";
