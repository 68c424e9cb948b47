import { describe, expect, test } from "vitest";
import { debianMirrors, parseDeb822Sources, parseOneLineSources } from "./apt-sources.ts";

describe("one-line sources", () => {
  test("options in brackets and comments are left out", () => {
    const text = [
      "# deb http://old.example/debian bookworm main",
      "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm main contrib # ours",
      "deb-src http://mirror.example/debian bookworm main",
      "",
    ].join("\n");
    expect(parseOneLineSources(text)).toEqual([
      { uri: "http://mirror.example/debian", suite: "bookworm", components: ["main", "contrib"] },
    ]);
  });
});

describe("deb822 sources", () => {
  test("a stanza yields every pair of URI and suite", () => {
    const text = [
      "Types: deb deb-src",
      "# http://snapshot.example/debian",
      "URIs: http://a.example/debian",
      "  http://b.example/debian",
      "Suites: bookworm bookworm-updates",
      "Components: main",
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    ].join("\n");
    expect(parseDeb822Sources(text).map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
      "http://a.example/debian bookworm",
      "http://a.example/debian bookworm-updates",
      "http://b.example/debian bookworm",
      "http://b.example/debian bookworm-updates",
    ]);
  });

  test("a stanza that is switched off, or that holds sources only, yields nothing", () => {
    const off = "Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\nEnabled: no\n";
    const sources = "Types: deb-src\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\n";
    expect(parseDeb822Sources(`${off}\n\n${sources}`)).toEqual([]);
  });
});

describe("the Debian mirror", () => {
  const source = (uri: string, suite: string, ...components: string[]) => ({ uri, suite, components });

  test("is the one that serves this release, before other makers' archives of the same shape", () => {
    const sources = [
      source("https://vendor.example/apt", "bookworm", "main"),
      source("http://other.example/debian", "bookworm", "pve-no-subscription"),
      source("http://mirror.example/debian", "bookworm", "main"),
      source("http://mirror.example/debian-security", "bookworm-security", "main"),
      source("http://mirror.example/debian", "bookworm-updates", "main"),
    ];
    expect(debianMirrors(sources, "bookworm")).toEqual(["http://mirror.example/debian", "https://vendor.example/apt"]);
  });

  test("may be a list of mirrors in a file, and is never a disc", () => {
    const sources = [
      source("cdrom:[Debian GNU/Linux 12]/", "bookworm", "main"),
      source("mirror+file:///etc/apt/mirrors/debian.list", "bookworm", "main"),
    ];
    expect(debianMirrors(sources, "bookworm")).toEqual(["mirror+file:///etc/apt/mirrors/debian.list"]);
  });
});
