import { join } from "node:path";
import { binaries } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./process.ts";
import type { Server } from "./server.ts";

export interface S3Details {
  /** http://127.0.0.1:PORT */
  endpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
}

const bucket = "homelab";

/** An S3 server (moto) that checks every signature: only the keys in its details are let in. */
export async function startS3(folder: string): Promise<Server<S3Details>> {
  const port = await freePort();
  const program = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])";
  const stop = await startProgram({
    argv: ["/usr/bin/python3", "-c", program, String(port)],
    port,
    log: join(folder, "s3.log"),
    env: { PATH: "/usr/bin:/bin", PYTHONPATH: binaries.moto },
    cwd: folder,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    const keys = await createKeys(endpoint);
    await demand(fetch(`${endpoint}/${bucket}`, { method: "PUT", headers: scope("s3") }));
    await demand(
      fetch(`${endpoint}/moto-api/reset-auth`, {
        method: "POST",
        body: "0",
        headers: { "Content-Type": "text/plain" },
      }),
    );
    return { details: { endpoint, bucket, ...keys }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A user of the server's own IAM who may do everything. */
async function createKeys(endpoint: string): Promise<{ accessKey: string; secretKey: string }> {
  const iam = async (parameters: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams({ Version: "2010-05-08", UserName: "holdfast", ...parameters });
    return (await demand(fetch(endpoint, { method: "POST", body, headers: scope("iam") }))).text();
  };
  const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  await iam({ Action: "CreateUser" });
  await iam({ Action: "PutUserPolicy", PolicyName: "everything", PolicyDocument: JSON.stringify(everything) });
  const made = await iam({ Action: "CreateAccessKey" });
  const field = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(made)?.[1] ?? "";
  return { accessKey: field("AccessKeyId"), secretKey: field("SecretAccessKey") };
}

/** moto learns from the credential's scope which service is meant; signatures are not checked yet at this time. */
function scope(service: string): Record<string, string> {
  const credential = `Credential=setup/20260101/us-east-1/${service}/aws4_request`;
  return { Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none` };
}

async function demand(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response;
}
