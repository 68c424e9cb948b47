import { describe, expect, test } from "vitest";
import { accountKeys, addressKey, attempts, signInAttempts } from "./attempts.ts";

describe("attempts", () => {
  test("are counted per key and forgotten after the window", () => {
    let now = 0;
    const tried = attempts(
      () => 3,
      60_000,
      () => now,
    );
    for (let attempt = 0; attempt < 3; attempt++) {
      tried.begin("account:ada", "address:10.0.0.1");
      now += 1000;
    }
    expect(() => tried.begin("account:ada", "address:10.0.0.2")).toThrow("in 57 seconds");
    expect(() => tried.begin("account:eve", "address:10.0.0.1")).toThrow("Too many attempts");
    tried.begin("account:eve", "address:10.0.0.2");
    now = 60_000;
    tried.begin("account:ada");
    expect(() => tried.begin("account:ada")).toThrow("in 1 seconds");
  });

  test("that were right count for nothing", () => {
    const tried = attempts(
      () => 1,
      60_000,
      () => 0,
    );
    tried.begin("account:ada");
    tried.forgive("account:ada");
    tried.begin("account:ada");
    expect(() => tried.begin("account:ada")).toThrow("Too many attempts");
  });

  test("are told to be refused once per window", () => {
    let now = 0;
    const tried = attempts(
      () => 1,
      60_000,
      () => now,
    );
    expect(tried.isNewlyRefused("account:ada")).toBe(false);
    tried.begin("account:ada");
    expect([1, 2].map(() => tried.isNewlyRefused("account:ada"))).toEqual([true, false]);
    now = 60_000;
    tried.begin("account:ada");
    expect(tried.isNewlyRefused("account:ada")).toBe(true);
  });

  test("of strangers do not fill the memory, and do not free an account that is shut", () => {
    const tried = attempts(
      () => 1,
      60_000,
      () => 0,
    );
    for (let stranger = 0; stranger < 20_000; stranger++) tried.begin(`account:${stranger}`);
    expect(() => tried.begin("account:19999")).toThrow("Too many attempts");
    tried.begin("account:0");
  });
});

test("a machine is one address, however many its network gives it", () => {
  expect(addressKey("192.168.1.4")).toBe("address:192.168.1.4");
  expect(addressKey("::ffff:192.168.1.4")).toBe("address:192.168.1.4");
  expect(addressKey("2001:db8:1:2:aaaa::1")).toBe(addressKey("2001:db8:1:2::ffff"));
  expect(addressKey("2001:db8:1:3::1")).not.toBe(addressKey("2001:db8:1:2::1"));
  expect(addressKey("fe80::1%eth0")).toBe(addressKey("fe80::2"));
  expect(addressKey("::1")).toBe("address:0:0:0:0");
});

test("whoever guesses at an account shuts it for their own address, and not for its owner", () => {
  const tried = signInAttempts();
  for (let guess = 0; guess < 10; guess++) tried.begin(...accountKeys("ada", "203.0.113.9"));
  expect(() => tried.begin(...accountKeys("ada", "203.0.113.9"))).toThrow("Too many attempts");
  tried.begin(...accountKeys("ada", "192.168.1.4"));
});
