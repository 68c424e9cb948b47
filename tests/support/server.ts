/** A real server that the tests talk to, on a private port and folder. */
export interface Server<Details> {
  /** Addresses and credentials; plain data, because it crosses from the setup process into the test processes. */
  details: Details;
  stop(): Promise<void>;
}
