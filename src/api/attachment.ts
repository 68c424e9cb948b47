/**
 * Content-Disposition for a file of any name: plain characters for old readers, all of them in RFC 8187's encoding for the
 * others (RFC 6266, section 4.3).
 */
export function attachment(name: string): string {
  const whole = name.replaceAll(/\p{Surrogate}/gu, "\ufffd");
  const plain = whole.replaceAll(/[^A-Za-z0-9._ -]/g, "_");
  const encoded = encodeURIComponent(whole).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
