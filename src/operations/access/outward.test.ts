import { describe, expect, test } from "vitest";
import { checkOutward, type Resolve } from "./outward.ts";

const names: Record<string, string[]> = {
  "nas.lan": ["192.168.1.4"],
  "rebound.example": ["93.184.216.34", "169.254.169.254"],
  "mapped.example": ["::ffff:169.254.169.254"],
};
const resolve: Resolve = async (name) => {
  const found = names[name];
  if (found !== undefined) return found;
  throw Object.assign(new Error("not known"), { code: "ENOTFOUND" });
};

describe("an address that a user gives", () => {
  test.each([
    "s3.us-west-002.backblazeb2.com",
    "https://s3.eu-central-1.amazonaws.com/bucket",
    "http://127.0.0.1:9000",
    "localhost:9000",
    "192.168.1.4",
    "10.0.0.1:8000/path",
    "http://[fd12:3456::1]:9000",
    "nas.lan:9000",
  ])("passes: %s", async (address) => {
    await expect(checkOutward(address, resolve)).resolves.toBeUndefined();
  });

  test.each([
    "file:///etc/shadow",
    "gopher://127.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "169.254.169.254",
    "http://2852039166/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://0.0.0.0:8420/",
    "http://[::]:8420/",
    "http://224.0.0.1/",
    "http://metadata.google.internal/",
    "http://metadata.google.internal./",
    "http://user:pass@169.254.169.254/",
    "http://rebound.example/",
    "mapped.example:443",
    "http://",
    "not an address",
  ])("is refused: %s", async (address) => {
    await expect(checkOutward(address, resolve)).rejects.toMatchObject({ code: "HF_ADDRESS_REFUSED" });
  });

  test("is told without the password in it", async () => {
    const refused = checkOutward("http://user:pass@169.254.169.254/", resolve);
    await expect(refused).rejects.toThrow("http://169.254.169.254/");
  });
});
