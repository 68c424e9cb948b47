import { describe, expect, it } from "vitest";
import { isFailure } from "../../base/errors/error.ts";
import { readAddress } from "./address.ts";

/** What is said of an address that is refused. */
function refusal(address: string): string {
  try {
    readAddress(address);
  } catch (error) {
    if (isFailure(error, "HF_STATE_ADDRESS")) return error.message;
    throw error;
  }
  throw new Error(`was taken: ${address}`);
}

describe("the address of the state", () => {
  it("is read as libpq reads it", () => {
    const address = readAddress(
      "postgresql://me:p%40ss%2Fword@db.lan:6432/hold%20fast?application_name=here&connect_timeout=3",
    );
    expect(address).toMatchObject({
      place: "postgresql://db.lan:6432/hold fast",
      user: "me",
      host: "db.lan",
      port: 6432,
      database: "hold fast",
      applicationName: "here",
      connectTimeoutMs: 3000,
      tls: false,
    });
    expect(address.password?.reveal()).toBe("p@ss/word");
    expect(readAddress("postgres://[::1]/x")).toMatchObject({ host: "::1", place: "postgresql://[::1]:5432/x" });
  });

  it.each(["postgresql:///holdfast?host=/run/postgresql", "postgresql://me@/holdfast?host=%2Frun%2Fpostgresql"])(
    "may name the folder of a socket: %s",
    (address) => {
      expect(readAddress(address)).toMatchObject({
        host: "/run/postgresql",
        database: "holdfast",
        place: "postgresql:///holdfast (socket in /run/postgresql)",
      });
    },
  );

  it("checks as much of the server's certificate as its sslmode promises", () => {
    const tls = (mode: string) => readAddress(`postgresql://h/d?sslmode=${mode}`).tls;
    expect(tls("disable")).toBe(false);
    expect(tls("require")).toEqual({ rejectUnauthorized: false });
    expect(tls("verify-full")).toEqual({});
    expect(readAddress("postgresql://h/d?sslmode=require&sslrootcert=/etc/hostname").tls).not.toHaveProperty(
      "rejectUnauthorized",
    );
  });

  it.each([
    ["mysql://me:hunter22@h/d", "mysql://"],
    ["postgresql://me:hunter22#@h/d%zz", ""],
    ["postgresql://me:hunter22 and more", ""],
    ["postgresql://me:hunter22%@h/d", "%25"],
    ["postgresql://me:hunter22@h/d?sslmod=require", "sslmod"],
    ["postgresql://me:hunter22@h/d?sslmode=always", "sslmode"],
    ["postgresql://me:hunter22@h/d?sslmode=verify-ca", "sslrootcert"],
    ["postgresql://me:hunter22@h/d?sslrootcert=/ca.pem", "sslmode"],
    ["postgresql://me:hunter22@h/d?sslmode=require&sslrootcert=/no/such.pem", "/no/such.pem"],
  ])("is refused without being repeated: %s", (address, names) => {
    const told = refusal(address);
    expect(told).toContain(names);
    expect(told).not.toContain("hunter22");
  });
});
